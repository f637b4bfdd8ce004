using Microsoft.Extensions.Logging;

using Qi.Actors.Collections;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Coroutines;

/// <summary>What a system offers its coroutines: dispatchers, the table of what lives, counts.</summary>
internal sealed class CoroutineHost(DispatcherPool pool, LiveTable<RunItem> live)
{
    private long _spawnedOutside;
    private long _completedOutside;
    private bool _isClosed;

    public DispatcherPool Pool { get; } = pool;

    public LiveTable<RunItem> Live { get; } = live;

    /// <summary>True once the system takes no new coroutines.</summary>
    public bool IsClosed => Atomic.Read(ref _isClosed);

    /// <summary>Coroutines spawned so far.</summary>
    public long SpawnedCount => Atomic.Read(ref _spawnedOutside) + Pool.SumCounters().Spawned;

    /// <summary>Coroutines ended so far.</summary>
    public long CompletedCount => Atomic.Read(ref _completedOutside) + Pool.SumCounters().Completed;

    /// <summary>Refuses new coroutines from now on.</summary>
    public void Close() => Atomic.Write(ref _isClosed, true);

    /// <summary>Registers a coroutine that is about to be scheduled for the first time.</summary>
    public void Register(RunItem root, ThreadContext thread)
    {
        if (thread.Dispatcher?.Pool == Pool)
        {
            root.Slot = Live.Add(root, thread.LiveOwner);
            thread.Counters.Spawned++;
        }
        else
        {
            root.Slot = Live.Add(root, null);
            Atomic.Add(ref _spawnedOutside, 1);
        }
    }

    /// <summary>Removes a coroutine that has ended.</summary>
    public void Unregister(RunItem root, ThreadContext thread)
    {
        if (thread.Dispatcher?.Pool == Pool)
        {
            Live.Remove(root.Slot, thread.LiveOwner);
            thread.Counters.Completed++;
        }
        else
        {
            Live.Remove(root.Slot, null);
            Atomic.Add(ref _completedOutside, 1);
        }
    }

    /// <summary>Reports a failure that nobody has seen.</summary>
    public void ReportUnobserved(Exception exception) => CoroutineLog.Unobserved(Pool.Logger, exception);

    /// <summary>Reports a callback of a coroutine's token that threw.</summary>
    public void ReportCallback(Exception exception) => CoroutineLog.CallbackFailed(Pool.Logger, exception);

    /// <summary>Reports an awaiter that threw although the wait for it had ended.</summary>
    public void ReportAwaiter(Exception exception) => CoroutineLog.AwaiterFailed(Pool.Logger, exception);
}

/// <summary>Log messages of the coroutines.</summary>
internal static partial class CoroutineLog
{
    [LoggerMessage(200, LogLevel.Warning, "A coroutine failed, and nobody has joined it or looked at its exception.")]
    public static partial void Unobserved(ILogger logger, Exception exception);

    [LoggerMessage(201, LogLevel.Error, "A callback registered with a coroutine's CancellationToken threw when the coroutine was cancelled.")]
    public static partial void CallbackFailed(ILogger logger, Exception exception);

    [LoggerMessage(202, LogLevel.Error, "An awaiter's OnCompleted threw after the wait for it had ended; the coroutine goes on.")]
    public static partial void AwaiterFailed(ILogger logger, Exception exception);
}
