using System.Runtime.CompilerServices;
using System.Threading.Channels;

using Qi.Actors.Testing.Outside;

namespace Qi.Actors.Testing.Tests.Outside;

/// <summary>What is refused by name, in a framework that does not let the simulation take it.</summary>
public sealed class PoolRefusalTests
{
    private FakeHost _host = null!;

    [SetUp]
    public void Begin() => _host = new FakeHost(Takings.WithoutTrap); // the global queue cannot be replaced

    [TearDown]
    public void End() => _host.Dispose();

    [Test]
    public void QueueUserWorkItem_InATurn_IsRefusedByName()
    {
        _host.Turn(QueueOne);
        AssertRefused("ThreadPool.QueueUserWorkItem, called by PoolRefusalTests.QueueOne", "Use Task.Run");
    }

    [Test]
    public void QueueUserWorkItem_AmongOtherWork_IsTheOneThatIsRefused()
    {
        int runs = 0;
        _host.Turn(() =>
        {
            for (int index = 0; index < 40; index++)
                _ = Task.Run(() => runs++);
            Task.Run(() => runs++).Wait();
            QueueOne();
            Task.Run(() => runs++).Wait();
            _ = Task.Run(() => runs++);
        });
        Assert.That(runs, Is.EqualTo(43));
        AssertRefused("ThreadPool.QueueUserWorkItem, called by PoolRefusalTests.QueueOne", "Use Task.Run");
    }

    [Test]
    public void StartNew_WithPreferFairness_IsRefusedByName()
    {
        _host.Turn(StartFair);
        AssertRefused("TaskFactory.StartNew, called by PoolRefusalTests.StartFair", "PreferFairness");
    }

    [Test]
    public void Yield_InAsyncMethodWithoutContext_IsRefusedByName()
    {
        _host.Turn(static () =>
        {
            SynchronizationContext.SetSynchronizationContext(null);
            _ = YieldAsync();
        });
        AssertRefused("YieldAsync", "Await it in a handler or coroutine");
    }

    [Test]
    public void Channel_ReadWithoutContext_IsRefusedByName()
    {
        var channel = Channel.CreateUnbounded<int>();
        _host.Turn(() => _ = ReadAsync(channel));
        _host.Turn(() => channel.Writer.TryWrite(1));
        AssertRefused("a continuation that goes to the thread pool", "ConfigureAwait(false)");
    }

    [Test]
    public void Run_WhereNothingCanBeTakenOver_IsRefusedByName()
    {
        using var host = new FakeHost(Takings.None);
        host.Turn(RunOne);
        Assert.That(host.Refused.Select(refused => refused.Call), Is.EqualTo(["Task.Run, called by PoolRefusalTests.RunOne"]));
    }

    [Test]
    public void Delay_WhereNothingCanBeTakenOver_IsRefusedByName()
    {
        using var host = new FakeHost(Takings.None);
        host.Turn(DelayOne);
        Assert.That(host.Refused.Select(refused => refused.Call), Is.EqualTo(["Task.Delay, called by PoolRefusalTests.DelayOne, without a TimeProvider"]));
        Assert.That(host.Refused[0].Remedy, Does.Contain("TimeProvider"));
    }

    [Test]
    public void ParallelQuery_InATurn_IsRefusedByName()
    {
        try
        {
            _host.Turn(Query);
        }
        catch (Exception e) when (e is BlockedTurnException || (e as AggregateException)?.InnerException is BlockedTurnException)
        {
            // The pool's threads were slow, and the query has begun to wait for them; it wraps what it meets then.
        }

        Assert.That(_host.Refused[0].Call, Is.EqualTo("a parallel query (PLINQ), in PoolRefusalTests.Query"));
    }

    [Test]
    public void Work_AfterTheListenerHasEndedAndBegunAgain_IsRefusedByName()
    {
        _host.Dispose();
        Assume.That(FrameworkListener.EndLinger(), Is.True, "Another simulation of this process has not ended.");
        using var pause = new ManualResetEventSlim();
        ThreadPool.QueueUserWorkItem(_ => pause.Set()); // lets the pool notice that nobody listens
        Assert.That(pause.Wait(TimeSpan.FromSeconds(30)), Is.True);

        _host = new FakeHost(Takings.WithoutTrap);
        Assert.That(FrameworkListener.EndLinger(), Is.False);
        _host.Turn(QueueOne);
        AssertRefused("ThreadPool.QueueUserWorkItem, called by PoolRefusalTests.QueueOne", "Use Task.Run");
    }

    private void AssertRefused(string call, string remedy)
    {
        Assert.That(_host.Refused, Has.Count.EqualTo(1));
        Assert.That(_host.Refused[0].Call, Does.Contain(call));
        Assert.That(_host.Refused[0].Remedy, Does.Contain(remedy));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void QueueOne() => ThreadPool.QueueUserWorkItem(static _ => { });

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StartFair()
        => _ = Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunOne() => _ = Task.Run(static () => { });

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void DelayOne() => _ = Task.Delay(1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Query() => _ = Enumerable.Range(0, 1_000).AsParallel().Sum();

    private static async Task YieldAsync() => await Task.Yield();

    private static async Task<int> ReadAsync(Channel<int> channel) => await channel.Reader.ReadAsync().ConfigureAwait(false);
}
