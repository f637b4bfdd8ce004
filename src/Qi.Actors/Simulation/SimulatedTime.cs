// Virtual time: it moves only when the simulation says so. Timers of user code that asks this provider for them are kept here, by deadline,
// and equal deadlines in the order in which they were set; the timers of the runtime are in the dispatcher's wheel, by the same clock.
//
// One thread: the simulation's. Anybody else may read the time.

using Qi.Actors.Platform;

namespace Qi.Actors.Simulated;

/// <summary>The clock of a simulation.</summary>
/// <remarks><b>Units</b>: ticks of 100 ns since the start of the simulation.</remarks>
internal sealed class SimulatedTime(DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<SimulatedTimer, (long DueTicks, long Number)> _timers = new();
    private long _nowTicks;
    private long _number;
    private int _waiting;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>The time, in ticks since the start.</summary>
    public long NowTicks => Atomic.Read(ref _nowTicks);

    /// <summary>How many timers wait.</summary>
    public int TimerCount => _waiting;

    /// <summary>When the next timer is due; <see cref="long.MaxValue"/> if none waits.</summary>
    public long NextDueTicks
    {
        get
        {
            while (_timers.TryPeek(out var timer, out var place))
            {
                if (timer.Number == place.Number)
                    return place.DueTicks;
                _timers.Dequeue(); // it was changed or stopped since
            }

            return long.MaxValue;
        }
    }

    public override long GetTimestamp() => NowTicks;

    public override DateTimeOffset GetUtcNow() => start + TimeSpan.FromTicks(NowTicks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new SimulatedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock forward. Timers do not fire by that: they are due.</summary>
    public void MoveTo(long ticks) => Atomic.Write(ref _nowTicks, Math.Max(ticks, NowTicks));

    /// <summary>Takes a timer that is due; one with a period is set again.</summary>
    public SimulatedTimer? TakeDue()
    {
        if (NextDueTicks > NowTicks)
            return null;
        var timer = _timers.Dequeue();
        _waiting--;
        timer.Number = 0;
        if (timer.PeriodTicks > 0)
            Set(timer, NowTicks + timer.PeriodTicks);
        return timer;
    }

    internal void Set(SimulatedTimer timer, long dueTicks)
    {
        _waiting += timer.Number == 0 ? 1 : 0;
        timer.Number = ++_number;
        _timers.Enqueue(timer, (dueTicks, timer.Number));
    }

    internal void Stop(SimulatedTimer timer)
    {
        _waiting -= timer.Number == 0 ? 0 : 1;
        timer.Number = 0;
    }
}

/// <summary>A timer of user code. Its callback runs as a turn, in the execution context of whoever made it.</summary>
internal sealed class SimulatedTimer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
{
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private bool _isDisposed;

    /// <summary>Which setting is the present one; 0 if it is not set.</summary>
    internal long Number { get; set; }

    internal long PeriodTicks { get; private set; }

    public void Fire()
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
        if (_isDisposed)
            return false;
        PeriodTicks = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
        if (dueTime == Timeout.InfiniteTimeSpan)
            time.Stop(this);
        else
            time.Set(this, time.NowTicks + dueTime.Ticks);
        return true;
    }

    public void Dispose()
    {
        time.Stop(this);
        _isDisposed = true;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private void Call() => callback(state);
}
