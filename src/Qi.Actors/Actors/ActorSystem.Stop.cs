// The end of a system, in order: no new actors and coroutines; with a drain, the work in progress comes to rest; all actors
// are stopped and all coroutines cancelled; the dispatchers end; whatever has not ended by then is counted and abandoned, so
// that nobody waits for it for ever.

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;

namespace Qi.Actors;

public sealed partial class ActorSystem
{
    private readonly Lock _stopLock = new();
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
            return _stop ??= Task.Run(() => StopOnceAsync(mode, limit, cancellationToken), CancellationToken.None);
    }

    /// <summary>Stops everything, with a drain, within <see cref="QiActorsOptions.ShutdownTimeout"/>.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    /// <summary>The same, for containers that are not disposed asynchronously: blocks the calling thread.</summary>
    public void Dispose() => StopAsync().GetAwaiter().GetResult();

    private async Task<StopReport> StopOnceAsync(StopMode mode, TimeSpan limit, CancellationToken cancellationToken)
    {
        long startNs = Clock.NowNs();
        long deadlineNs = startNs + Clock.TimeSpanToNs(limit);
        bool MayWait(long untilNs) => Clock.NowNs() < untilNs && !cancellationToken.IsCancellationRequested;

        Coroutines.Close();
        if (mode == StopMode.Drain)
        {
            // Half of the time at most: a system that never rests, because its actors keep each other busy, must be stopped anyway.
            long restNs = startNs + ((deadlineNs - startNs) / 2);
            while (!IsAtRest() && MayWait(restNs))
                await Task.Delay(1, CancellationToken.None).ConfigureAwait(false);
        }

        RequestStopOfAll(mode);
        while (CountLive() > 0 && MayWait(deadlineNs))
            await Task.Delay(1, CancellationToken.None).ConfigureAwait(false);

        bool haveThreadsEnded = Pool.Stop(TimeSpan.FromTicks(Math.Max(0, deadlineNs - Clock.NowNs()) / TimeSpan.NanosecondsPerTick));
        _blocking.Dispose();
        var report = Abandon(haveThreadsEnded, startNs);
        Pool.AbandonTimers();
        if (haveThreadsEnded)
            Pool.Dispose();
        if (!report.IsComplete)
            ActorLog.StoppedWithRest(Logger, Name, report.MessagesLeft, report.ActorsLeft + report.CoroutinesLeft, report.Elapsed.TotalMilliseconds);
        else if (IsDebug)
            ActorLog.Stopped(Logger, Name, report.Elapsed.TotalMilliseconds);
        return report;
    }

    private bool IsAtRest() => Pool.Idle.ParkedCount == Pool.Dispatchers.Length && Pool.QueuedCount == 0;

    private long CountLive() => ActorCount(Pool.SumCounters()) + Coroutines.SpawnedCount - Coroutines.CompletedCount;

    private void RequestStopOfAll(StopMode mode)
        => _live.ForEach(item =>
        {
            if (item is ILiveActor actor)
                actor.RequestStop(mode);
            else if (item is CoroutineBox coroutine)
                coroutine.Cancel();
        });

    private StopReport Abandon(bool haveThreadsEnded, long startNs)
    {
        long messages = 0;
        long actors = 0;
        long coroutines = 0;
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
                coroutines++;
                if (haveThreadsEnded)
                    coroutine.Abandon();
            }
        });
        return new StopReport(actors + coroutines == 0, messages, actors, coroutines, Clock.NsToTimeSpan(Clock.NowNs() - startNs));
    }
}
