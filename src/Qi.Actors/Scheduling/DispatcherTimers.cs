// A dispatcher's timers. Owner only, but for the callback of a virtual clock, which only unparks.
//
// With the machine's clock a dispatcher sleeps until its next deadline. With any other TimeProvider it cannot: it asks the
// provider for one timer, set to the next deadline before it parks, whose callback unparks it. Time may pass between reading
// that clock and setting its timer, and nobody may move it again for ever: so the clock is read again afterwards.

using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>The timer wheel of a dispatcher and its clock.</summary>
internal sealed class DispatcherTimers(Dispatcher dispatcher)
{
    private const int MaxTries = 16;

    // No provider's timer takes more than 2^32 ms.
    private const long MaxWaitNs = 86_400_000L * Clock.NsPerMs;

    private readonly TimerWheel _wheel = new();
    private readonly TimeSource _time = dispatcher.Pool.Time;
    private ITimer? _virtualAlarm;

    /// <summary>How many timers wait. Any thread: an estimate.</summary>
    public int Count => _wheel.Count;

    /// <summary>The next deadline, or an earlier time at which to look again, on the pool's clock; <see cref="long.MaxValue"/> if none waits.</summary>
    public long NextDeadlineNs => _wheel.Count == 0 ? long.MaxValue : _wheel.NextDeadlineTick * TimeSource.NsPerTick;

    /// <summary>Links a timer in.</summary>
    public void Add(TimerEntry entry, long deadlineTick) => _wheel.Add(entry, deadlineTick);

    /// <summary>Takes a timer out, if it is in.</summary>
    public void Remove(TimerEntry entry) => _wheel.Remove(entry);

    /// <summary>Fires what is due; returns how many. <paramref name="clockNs"/> is a fresh reading of the monotonic clock.</summary>
    public int FireDue(long clockNs)
    {
        if (_wheel.Count == 0)
            return 0;
        long tick = _time.FromClock(clockNs) / TimeSource.NsPerTick;
        var thread = dispatcher.Thread!;
        int fired = _wheel.Advance(tick, thread);
        thread.Counters.TimersFired += fired;
        return fired;
    }

    /// <summary>True if a timer should have fired. Any thread: an estimate, since the owner may be at work.</summary>
    public bool IsOverdue() => _wheel.Count > 0 && _wheel.NextDeadlineTick * TimeSource.NsPerTick < _time.NowNs();

    /// <summary>How long the dispatcher may sleep, in nanoseconds; negative for as long as it likes.</summary>
    public long PrepareParkNs()
    {
        if (_wheel.Count == 0)
            return -1;
        long deadlineNs = _wheel.NextDeadlineTick * TimeSource.NsPerTick;
        if (_time.IsSystem)
            return Math.Max(0, deadlineNs - _time.NowNs());
        _virtualAlarm ??= _time.Provider.CreateTimer(
            static state => ((Dispatcher)state!).Parker.Unpark(),
            dispatcher,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);

        // A clock that flows is a little later each time; the last try is as good as any then.
        long nowNs = _time.NowNs();
        for (int i = 0; i < MaxTries && nowNs < deadlineNs; i++)
        {
            long waitNs = Math.Min(deadlineNs - nowNs, MaxWaitNs);
            var due = TimeSpan.FromTicks((waitNs + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);
            _virtualAlarm.Change(due, Timeout.InfiniteTimeSpan);
            long beforeNs = nowNs;
            nowNs = _time.NowNs();
            if (nowNs == beforeNs)
                return -1;
        }

        return nowNs < deadlineNs ? -1 : 0;
    }

    /// <summary>The pool has stopped: whoever waits for a timer that can time out early is told. After the loop has ended.</summary>
    public void Abandon() => _wheel.Advance(long.MaxValue, ThreadContext.Instance);

    /// <summary>Lets go of the provider's timer.</summary>
    public void Dispose() => _virtualAlarm?.Dispose();
}
