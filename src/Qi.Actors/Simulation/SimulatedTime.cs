// Virtual time: it moves only when the simulation says so. Timers of user code that asks this provider for them are kept here, by deadline,
// and equal deadlines in the order in which they were set; the timers of the runtime are in the dispatcher's wheel, by the same clock.
//
// No sum overflows: the clock ends with DateTimeOffset.MaxValue, less than ten thousand years from any start, and no timer is set for longer than half of TimeSpan.MaxValue.
//
// One thread: the simulation's. Anybody else may read the time.

using Qi.Actors.Platform;

namespace Qi.Actors.Simulated;

/// <summary>The clock of a simulation.</summary>
/// <remarks><b>Units</b>: ticks of 100 ns since the start of the simulation.</remarks>
internal sealed class SimulatedTime(DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<SimulatedAlarm, (long DueTicks, long Number)> _alarms = new();
    private long _nowTicks;
    private long _number;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>The time, in ticks since the start.</summary>
    public long NowTicks => Atomic.Read(ref _nowTicks);

    /// <summary>Where this clock ends: with the last date that there is.</summary>
    public long LatestTicks { get; } = (DateTimeOffset.MaxValue - start).Ticks;

    /// <summary>The longest time that a timer is set for: 14,600 years.</summary>
    public static TimeSpan LongestTimer => TimeSpan.MaxValue / 2;

    /// <summary>When the next timer is due; <see cref="long.MaxValue"/> if none waits.</summary>
    public long NextDueTicks
    {
        get
        {
            while (_alarms.TryPeek(out var alarm, out var place))
            {
                if (alarm.Number == place.Number && alarm.IsWanted)
                    return place.DueTicks;
                _alarms.Dequeue(); // it was changed or stopped since
            }

            return long.MaxValue;
        }
    }

    public override long GetTimestamp() => NowTicks;

    public override DateTimeOffset GetUtcNow() => start + TimeSpan.FromTicks(NowTicks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        RequireTimer(dueTime, nameof(dueTime));
        RequireTimer(period, nameof(period));
        var timer = new SimulatedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock forward, to its end at most. Timers do not fire by that: they are due.</summary>
    public void MoveTo(long ticks) => Atomic.Write(ref _nowTicks, Math.Min(Math.Max(ticks, NowTicks), LatestTicks));

    /// <summary>Refuses what cannot be a timer's time or period.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below zero and not infinite, or longer than any clock goes.</exception>
    public static void RequireTimer(TimeSpan value, string name)
    {
        if (value != Timeout.InfiniteTimeSpan && (value < TimeSpan.Zero || value > LongestTimer))
            throw new ArgumentOutOfRangeException(name, value, $"Give a time from zero to {LongestTimer}, or Timeout.InfiniteTimeSpan for never.");
    }

    /// <summary>Refuses to go beyond the end of a clock.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is too far.</exception>
    public static void RequireReachable(TimeSpan by, DateTimeOffset now, string name)
    {
        if (by > DateTimeOffset.MaxValue - now)
            throw new ArgumentOutOfRangeException(name, by, $"It is {now:O}, and the clock ends at {DateTimeOffset.MaxValue:O}. Give {DateTimeOffset.MaxValue - now} at most.");
    }

    /// <summary>Takes a timer that is due; one with a period is set again.</summary>
    public SimulatedAlarm? TakeDue()
    {
        if (NextDueTicks > NowTicks)
            return null;
        var alarm = _alarms.Dequeue();
        alarm.Number = 0;
        if (alarm.PeriodTicks > 0)
            Set(alarm, TimeSpan.FromTicks(alarm.PeriodTicks));
        return alarm;
    }

    /// <summary>Sets an alarm, once, in place of what it was set to before.</summary>
    public void Set(SimulatedAlarm alarm, TimeSpan delay)
    {
        alarm.Number = ++_number;
        _alarms.Enqueue(alarm, (NowTicks + delay.Ticks, alarm.Number));
    }
}

/// <summary>Something that is to happen at a time, as a turn.</summary>
internal abstract class SimulatedAlarm
{
    /// <summary>Which setting is the present one; 0 if it is not set.</summary>
    internal long Number { get; set; }

    /// <summary>0 for none.</summary>
    internal long PeriodTicks { get; private protected set; }

    /// <summary>False once nothing is to happen: then time need not pass for it.</summary>
    public virtual bool IsWanted => true;

    /// <summary>The time has come.</summary>
    public abstract void Fire();
}

/// <summary>A timer of user code. Its callback runs in the execution context of whoever made it.</summary>
internal sealed class SimulatedTimer(SimulatedTime time, TimerCallback callback, object? state) : SimulatedAlarm, ITimer
{
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private bool _isDisposed;

    public override void Fire()
    {
        if (_isDisposed)
            return;
        if (_context is null)
            callback(state);
        else
            ExecutionContext.Run(_context, static timer => ((SimulatedTimer)timer!).Call(), this);
    }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        SimulatedTime.RequireTimer(dueTime, nameof(dueTime));
        SimulatedTime.RequireTimer(period, nameof(period));
        if (_isDisposed)
            return false;
        PeriodTicks = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
        if (dueTime == Timeout.InfiniteTimeSpan)
            Number = 0;
        else
            time.Set(this, dueTime);
        return true;
    }

    public void Dispose()
    {
        Number = 0;
        _isDisposed = true;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private void Call() => callback(state);
}
