// A callback as a run item: how a SynchronizationContext, a TaskScheduler and continuations from outside reach a dispatcher.
// Pooled per thread, chained by Next.

namespace Qi.Actors.Scheduling;

/// <summary>One posted delegate call.</summary>
internal sealed class PostedCallback : RunItem
{
    private const int PoolLimit = 256;

    [ThreadStatic]
    private static PostedCallback? t_free;

    [ThreadStatic]
    private static int t_freeCount;

    private DispatcherPool? _pool;
    private SendOrPostCallback? _callback;
    private object? _state;

    private PostedCallback()
    {
    }

    /// <summary>What is to be called; null once it was. For reports.</summary>
    public Delegate? Callback => _callback;

    /// <summary>What it is to be called with. For reports.</summary>
    public object? State => _state;

    /// <summary>Runs a callback on a dispatcher of the pool. An exception it throws is logged.</summary>
    public static void Post(DispatcherPool pool, SendOrPostCallback callback, object? state)
    {
        var item = t_free;
        if (item is null)
        {
            item = new PostedCallback();
        }
        else
        {
            t_free = (PostedCallback?)item.Next;
            t_freeCount--;
            item.Next = null;
        }

        item._pool = pool;
        item._callback = callback;
        item._state = state;
        pool.ScheduleLast(item, ThreadContext.Instance);
    }

    /// <summary>
    /// Code that awaits something must come back somewhere: after the end of the pool, on the thread pool. What a driver runs ends with it.
    /// </summary>
    internal override void Refuse()
    {
        if (_pool!.Driver is null)
            ThreadPool.UnsafeQueueUserWorkItem(static item => item.Run(ThreadContext.Instance), this, preferLocal: false);
    }

    internal override void Run(ThreadContext thread)
    {
        var callback = _callback!;
        var state = _state;
        var pool = _pool!;
        _callback = null;
        _state = null;
        _pool = null;
        if (t_freeCount < PoolLimit)
        {
            Next = t_free;
            t_free = this;
            t_freeCount++;
        }

        try
        {
            callback(state);
        }
        catch (Exception e)
        {
            SchedulingLog.CallbackFailed(pool.Logger, e);
        }
    }
}
