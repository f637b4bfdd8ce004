using System.Collections.Concurrent;

namespace Qi.Actors.Platform.Tests;

/// <summary>A thread that owns a reactor, as a dispatcher does: it waits, dispatches, and runs what is posted to it.</summary>
internal sealed class ReactorDriver : IDisposable
{
    private const int MostEvents = 64;

    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly TaskCompletionSource<Reactor> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private Exception? _failure;
    private bool _isStopping;
    private int _events;

    public ReactorDriver(Func<Reactor> make)
    {
        _thread = new Thread(() => Run(make)) { IsBackground = true, Name = "reactor driver" };
        _thread.Start();
        Reactor = _made.Task.GetAwaiter().GetResult();
    }

    public Reactor Reactor { get; }

    /// <summary>How many events it has dispatched.</summary>
    public int Events => Atomic.Read(ref _events);

    /// <summary>Runs an action where the reactor may be used: here, or on its owner's thread if it is bound to that.</summary>
    public void Do(Action action)
    {
        if (Reactor.IsThreadBound && Environment.CurrentManagedThreadId != _thread.ManagedThreadId)
            Post(action);
        else
            action();
    }

    /// <summary>Runs an action on the owner's thread.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        Reactor.Wake();
    }

    /// <summary>Runs a function on the owner's thread and waits for it.</summary>
    public T Call<T>(Func<T> function)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                result.SetResult(function());
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        });
        Assert.That(((IAsyncResult)result.Task).AsyncWaitHandle.WaitOne(Bound), Is.True, "The driver does not answer.");
        return result.Task.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        Post(() => _isStopping = true);
        Assert.That(_thread.Join(Bound), Is.True, "The driver does not end.");
        Assert.That(_failure, Is.Null);
    }

    private void Run(Func<Reactor> make)
    {
        Reactor reactor;
        try
        {
            reactor = make();
        }
        catch (Exception e)
        {
            _made.SetException(e);
            return;
        }

        _made.SetResult(reactor);
        try
        {
            while (!_isStopping)
            {
                while (_posted.TryDequeue(out var action))
                    action();
                Atomic.Add(ref _events, reactor.Wait(_isStopping ? 0 : -1, MostEvents));
                reactor.Dispatch();
            }
        }
        catch (Exception e)
        {
            _failure = e;
        }
        finally
        {
            reactor.Dispose();
        }
    }
}

/// <summary>An operation whose end is a task, and which counts its ends.</summary>
internal sealed class TestOperation : IoOperation
{
    private readonly ReactorDriver _driver;
    private TaskCompletionSource<int> _result = null!;
    private int _ends;

    public TestOperation(ReactorDriver driver, IoKind kind)
    {
        _driver = driver;
        Kind = kind;
    }

    /// <summary>How many uses have ended.</summary>
    public int Ends => Atomic.Read(ref _ends);

    /// <summary>Begins it; the result is as <see cref="IoOperation.Result"/>, and the negative of Canceled if the handle is closed.</summary>
    public Task<int> Start(IoHandle handle)
    {
        var result = _result = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        _driver.Do(() =>
        {
            switch (handle.TryBegin(this))
            {
                case IoBegin.Busy:
                    result.SetException(new InvalidOperationException("The side is busy."));
                    break;
                case IoBegin.Closed:
                    result.SetResult(-IoErrors.Canceled);
                    break;
                default:
                    if (_driver.Reactor.Submit(this))
                        OnCompleted();
                    break;
            }
        });
        return result.Task;
    }

    /// <summary>Asks for the end of the present use.</summary>
    public void Cancel() => _driver.Do(() => _driver.Reactor.Cancel(this, Use));

    protected override void OnCompleted()
    {
        Atomic.Add(ref _ends, 1);
        _result.SetResult(Result);
    }

    protected override void RequestCancel(int use) => _driver.Do(() => _driver.Reactor.Cancel(this, use));
}
