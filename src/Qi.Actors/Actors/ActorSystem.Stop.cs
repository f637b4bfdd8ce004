// The end of a system, in order: no new actors and coroutines; with a drain, the work in progress comes to rest; all actors
// are stopped and all coroutines cancelled; the dispatchers end; whatever has not ended by then is counted and abandoned, so
// that nobody waits for it for ever. What is in the middle of a turn then is abandoned when that turn ends.
//
// A driven system has no turns after its driver's end, so a stop could not run there: the driver's end is its end (EndDriven).

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

public sealed partial class ActorSystem
{
    // How often those are looked for who were being spawned while the stop began, in rounds of a millisecond.
    private const int RoundsBetweenRequests = 16;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    // What dispatchers get to wake up and leave when the limit is used up: they are not in a turn, so it takes microseconds.
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(100);

    private readonly Lock _stopLock = new();
    private readonly TaskCompletionSource<StopReport> _drivenStop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<StopReport>? _stop;

    /// <summary>Stops everything.</summary>
    /// <param name="mode">With <see cref="StopMode.Drain"/> messages that wait are handled first.</param>
    /// <param name="timeout">How long to wait at most; null for <see cref="QiActorsOptions.ShutdownTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the waiting as the timeout does.</param>
    /// <returns>How it went. A second call returns the first one's report.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public Task<StopReport> StopAsync(StopMode mode = StopMode.Drain, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var limit = timeout ?? _options.ShutdownTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, TimeSpan.Zero, nameof(timeout));
        lock (_stopLock)
            return _stop ??= BeginStop(() => StopOnceAsync(mode, limit, cancellationToken));
    }

    /// <summary>Stops everything, with a drain, within <see cref="QiActorsOptions.ShutdownTimeout"/>.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    /// <summary>The same, for containers that are not disposed asynchronously: blocks the calling thread.</summary>
    public void Dispose() => StopAsync().GetAwaiter().GetResult();

    /// <summary>
    /// The driver runs no more turns: who has not ended is abandoned, and a stop that is in progress, or is still to come, ends with the report of that. The
    /// driver's thread, while it still holds the pool.
    /// </summary>
    internal void EndDriven()
    {
        if (_drivenStop.Task.IsCompleted)
            return;
        long startNs = StopClockNs();
        Coroutines.Close();
        Pool.Stop(TimeSpan.Zero);
        _blocking.Dispose();
        var report = Abandon(haveThreadsEnded: true, startNs);
        ThreadContext.ForgetTargets(item => item is ILiveActor actor && actor.System == this);
        lock (_stopLock)
            _stop ??= _drivenStop.Task;
        _drivenStop.TrySetResult(report);
    }

    // A driven system's stop is a part of what it runs, by its clock; it ends with the driver at the latest.
    private Task<StopReport> BeginStop(Func<Task<StopReport>> stop)
    {
        if (Pool.Driver is null)
            return Task.Run(stop, CancellationToken.None);
        _ = Task.Factory.StartNew(stop, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Pool.TaskScheduler).Unwrap()
            .ContinueWith(ended => _drivenStop.TrySetFromTask(ended), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return _drivenStop.Task;
    }

    private long StopClockNs() => Pool.Driver is null ? Clock.NowNs() : Pool.Time.NowNs();

    private Task PauseAsync() => Task.Delay(s_pause, Pool.Driver is null ? TimeProvider.System : TimeProvider);

    private async Task<StopReport> StopOnceAsync(StopMode mode, TimeSpan limit, CancellationToken cancellationToken)
    {
        long startNs = StopClockNs();
        long deadlineNs = startNs + Clock.TimeSpanToNs(limit);
        bool MayWait(long untilNs) => StopClockNs() < untilNs && !cancellationToken.IsCancellationRequested;

        Coroutines.Close();
        Atomic.ProcessWideFence(); // pairs with the look at IsClosed that follows a spawn's registration
        if (mode == StopMode.Drain)
        {
            // Half of the time at most: a system that never rests, because its actors keep each other busy, must be stopped anyway.
            long restNs = startNs + ((deadlineNs - startNs) / 2);
            while (!IsAtRest() && MayWait(restNs))
                await PauseAsync().ConfigureAwait(PoolDriver.IsHere);
        }

        RequestStopOfAll(mode);
        for (int round = 1; CountLive() > 0 && MayWait(deadlineNs); round++)
        {
            await PauseAsync().ConfigureAwait(PoolDriver.IsHere);
            if (round % RoundsBetweenRequests == 0)
                RequestStopOfAll(mode);
        }

        // While there are dispatchers: what a ring has in progress is cancelled by its owner, and until it has ended its memory is the kernel's.
        Pool.Reactors.CloseAll();
        long ioNs = StopClockNs() + Clock.TimeSpanToNs(s_grace);
        while (Pool.Reactors.OpenCount > 0 && (StopClockNs() < ioNs || MayWait(deadlineNs)))
            await PauseAsync().ConfigureAwait(PoolDriver.IsHere);
        var left = Clock.NsToTimeSpan(deadlineNs - StopClockNs());
        bool haveThreadsEnded = Pool.Stop(left > s_grace ? left : s_grace);
        _blocking.Dispose();
        var report = Abandon(haveThreadsEnded, startNs);
        ThreadContext.ForgetTargets(item => item is ILiveActor actor && actor.System == this);
        Pool.AbandonTimers();
        if (!haveThreadsEnded)
            _ = AbandonRestAsync();
        else if (Pool.Driver is null) // else the driver disposes it, when it has run the rest
            Pool.Dispose();
        if (!report.IsComplete)
            ActorLog.StoppedWithRest(Logger, Name, report.MessagesLeft, report.ActorsLeft + report.CoroutinesLeft, report.Elapsed.TotalMilliseconds);
        else if (IsDebug)
            ActorLog.Stopped(Logger, Name, report.Elapsed.TotalMilliseconds);
        return report;
    }

    // Turns are still in progress. What they leave behind when they end, nobody will run.
    private async Task AbandonRestAsync()
    {
        await Pool.WhenThreadsEnded().ConfigureAwait(false);
        Abandon(haveThreadsEnded: true, StopClockNs());
        Pool.AbandonTimers();
        Pool.Dispose();
    }

    /// <summary>True if no turn is in progress, queued or stuck. Two equal looks with no turn begun between them make one moment.</summary>
    internal bool IsAtRest()
    {
        if (Pool.Driver is { } driver)
            return driver.IsAtRest;
        long turns = Pool.SumCounters().Turns;
        return AreDispatchersAtRest() && Pool.StrayTurns <= 0 && AreDispatchersAtRest() && Pool.SumCounters().Turns == turns;
    }

    private bool AreDispatchersAtRest() => Pool.Idle.ParkedCount == Pool.Dispatchers.Length && Pool.QueuedCount == 0;

    private long CountLive() => ActorCount(Pool.SumCounters()) + CountLiveCoroutines();

    // Ended before spawned: what is spawned and ended between the two looks is then counted as alive, not as ended without a birth.
    private long CountLiveCoroutines()
    {
        long ended = Coroutines.CompletedCount;
        return Coroutines.SpawnedCount - ended;
    }

    private void RequestStopOfAll(StopMode mode)
    {
        Coroutines.BeginCancelling();
        _live.ForEach(item =>
        {
            if (item is ILiveActor actor)
                actor.RequestStop(mode);
            else if (item is CoroutineBox coroutine)
                coroutine.CancelForStop();
        });
    }

    private StopReport Abandon(bool haveThreadsEnded, long startNs)
    {
        long messages = 0;
        long actors = 0;
        long coroutines = CountLiveCoroutines(); // those in the queues too
        _live.ForEach(item =>
        {
            if (item is ILiveActor actor && !actor.IsStopped)
            {
                actors++;
                messages += actor.CountWaiting();
                actor.Abandon();
            }
            else if (item is CoroutineBox { IsDone: false } coroutine)
            {
                if (haveThreadsEnded)
                    coroutine.Abandon();
                else
                    coroutine.AbandonWait();
            }
        });
        return new StopReport(actors + coroutines == 0, messages, actors, coroutines, Clock.NsToTimeSpan(StopClockNs() - startNs));
    }
}
