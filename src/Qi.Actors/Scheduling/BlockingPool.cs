// Threads for work that is known to block: started when all are busy, reused while there is work, ended when idle.
//
// A semaphore-and-queue pool of plain threads: the .NET pool would grow only one or two threads a second under blocked work,
// and its growth would starve the rest of the process meanwhile. Each call runs in the execution context of its caller.

namespace Qi.Actors.Scheduling;

/// <summary>An elastic pool of threads for blocking calls.</summary>
internal sealed class BlockingPool(string name, int threadLimit) : IDisposable
{
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<(Action Work, ExecutionContext Context)> _waiting = new();
    private readonly SemaphoreSlim _signal = new(0);
    private int _threads;
    private int _idle;
    private bool _isClosed;

    /// <summary>How many threads live.</summary>
    public int ThreadCount
    {
        get
        {
            lock (_lock)
                return _threads;
        }
    }

    /// <summary>Runs work on a thread of its own. False after the pool was closed. The work must not throw.</summary>
    public bool TryRun(Action work)
    {
        lock (_lock)
        {
            if (_isClosed)
                return false;
            _waiting.Enqueue((work, ExecutionContext.Capture() ?? AmbientContext.Default));
            if (_waiting.Count <= _idle || _threads >= threadLimit)
            {
                _signal.Release();
                return true;
            }

            _threads++;
            _signal.Release();
        }

        new Thread(Main, 0) { IsBackground = true, Name = $"{name}-blocking" }.UnsafeStart();
        return true;
    }

    /// <summary>Takes no more work; what was accepted still runs.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            if (_threads > 0)
                _signal.Release(_threads);
        }
    }

    private void Main()
    {
        while (true)
        {
            lock (_lock)
                _idle++;
            bool isSignalled = _signal.Wait(s_keepAlive);
            (Action Work, ExecutionContext Context) next;
            lock (_lock)
            {
                _idle--;
                if (!_waiting.TryDequeue(out next) && (!isSignalled || _isClosed))
                {
                    _threads--;
                    return;
                }
            }

            if (next.Work is not null)
                ExecutionContext.Run(next.Context, static work => ((Action)work!)(), next.Work);
        }
    }
}
