using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Coroutines;

/// <summary>What a system offers its coroutines: dispatchers, the table of what lives, counts.</summary>
internal sealed class CoroutineHost : CoroutineHome
{
    private long _spawnedOutside;
    private long _completedOutside;
    private bool _isClosed;
    private bool _isCancelling;

    public CoroutineHost(DispatcherPool pool, LiveTable<RunItem> live)
    {
        Host = this;
        Pool = pool;
        Live = live;
    }

    public DispatcherPool Pool { get; }

    public LiveTable<RunItem> Live { get; }

    /// <summary>True once the system takes no new coroutines.</summary>
    public bool IsClosed => Atomic.Read(ref _isClosed);

    /// <summary>True once all coroutines are to be cancelled.</summary>
    public bool IsCancelling => Atomic.Read(ref _isCancelling);

    /// <summary>Coroutines spawned so far.</summary>
    public long SpawnedCount => Atomic.Read(ref _spawnedOutside) + Pool.SumCounters().Spawned;

    /// <summary>Coroutines ended so far.</summary>
    public long CompletedCount => Atomic.Read(ref _completedOutside) + Pool.SumCounters().Completed;

    /// <summary>Refuses new coroutines from now on.</summary>
    public void Close() => Atomic.Write(ref _isClosed, true);

    /// <summary>Has every coroutine that is to be found or started from now on cancelled; then <see cref="Live"/> is to be walked.</summary>
    public void BeginCancelling()
    {
        Atomic.Write(ref _isCancelling, true);
        Atomic.ProcessWideFence(); // pairs with the fence in Register: either that sees the flag, or the walk sees the coroutine
    }

    /// <summary>Counts a coroutine that is about to be scheduled for the first time.</summary>
    public void CountSpawned(ThreadContext thread)
    {
        if (thread.Dispatcher?.Pool == Pool)
            thread.Counters.Spawned++;
        else
            Atomic.Add(ref _spawnedOutside, 1);
    }

    /// <summary>Registers a coroutine that suspends for the first time: before, the queue it is in holds it. Its owner.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Register(CoroutineBox root)
    {
        var thread = ThreadContext.Instance;
        root.Slot = Live.Add(root, thread.Dispatcher?.Pool == Pool ? thread.LiveOwner : null);
        Atomic.Fence(); // pairs with BeginCancelling
        if (IsCancelling)
            root.CancelForStop();
    }

    /// <summary>Counts a coroutine that has ended, and removes it if it was registered.</summary>
    public void CountEnded(RunItem root, ThreadContext thread)
    {
        bool isInside = thread.Dispatcher?.Pool == Pool;
        if (root.Slot >= 0)
            Live.Remove(root.Slot, isInside ? thread.LiveOwner : null);
        if (isInside)
            thread.Counters.Completed++;
        else
            Atomic.Add(ref _completedOutside, 1);
    }

    /// <summary>Reports a failure that nobody has seen.</summary>
    public void ReportUnobserved(Exception exception) => CoroutineLog.Unobserved(Pool.Logger, exception);

    /// <summary>Reports a callback of a coroutine's token that threw.</summary>
    public void ReportCallback(Exception exception) => CoroutineLog.CallbackFailed(Pool.Logger, exception);

    /// <summary>Reports an awaiter that threw although the wait for it had ended.</summary>
    public void ReportAwaiter(Exception exception) => CoroutineLog.AwaiterFailed(Pool.Logger, exception);
}
