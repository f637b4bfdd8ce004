// A clock for systems that run on threads of their own. Time stands still until somebody advances it; timers that are due on the way fire one
// after the other, each at its own time, on the thread that advances, with no lock held.
//
// No sum overflows, as in SimulatedTime.
//
// The lock guards everything. A timer's number says which of its settings is the present one: what the heap holds of older ones is stepped over.

using Qi.Actors.Simulated;

namespace Qi.Actors.Testing;

/// <summary>A clock that a test moves by hand: for systems with real threads, and for any code that takes a <see cref="TimeProvider"/>.</summary>
/// <remarks>
/// In a <see cref="TestSystem"/> or a <see cref="Simulation"/> you do not need it: they have a clock of their own. <b>Threads</b>: any. <b>Order</b>: timers
/// fire in the order of their deadlines, equal ones in the order in which they were set.
/// </remarks>
public class VirtualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<VirtualTimer, (long DueTicks, long Number)> _timers = new();
    private readonly DateTimeOffset _start;
    private long _nowTicks;
    private long _number;
    private int _waiting;

    /// <summary>Creates a clock that stands at 2030-01-01 UTC.</summary>
    public VirtualTimeProvider()
        : this(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Creates a clock that stands at a moment.</summary>
    public VirtualTimeProvider(DateTimeOffset start) => _start = start.ToUniversalTime();

    /// <summary>Ticks of 100 ns, so that nothing is lost between timestamps and time spans.</summary>
    public sealed override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>UTC, wherever the machine is.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Time since the clock was made.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(GetTimestamp());

    /// <summary>How many timers wait.</summary>
    public int TimerCount
    {
        get
        {
            lock (_lock)
                return _waiting;
        }
    }

    /// <inheritdoc/>
    public sealed override long GetTimestamp()
    {
        lock (_lock)
            return _nowTicks;
    }

    /// <inheritdoc/>
    public sealed override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <summary>Moves the clock forward; timers fire on the way, on the calling thread, and see their own time.</summary>
    /// <param name="by">At least zero. By zero, timers fire that are due at once.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below zero, or beyond the last date that there is.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long targetTicks;
        lock (_lock)
        {
            SimulatedTime.RequireReachable(by, _start + TimeSpan.FromTicks(_nowTicks), nameof(by));
            targetTicks = _nowTicks + by.Ticks;
        }

        while (TakeDue(targetTicks) is { } timer)
            timer.Fire();
    }

    /// <summary>Moves the clock forward to a moment; timers fire on the way.</summary>
    /// <param name="value">Not before the present time.</param>
    /// <exception cref="ArgumentOutOfRangeException">Before the present time: this clock does not go back.</exception>
    public void SetUtcNow(DateTimeOffset value)
    {
        var now = GetUtcNow();
        if (value < now)
            throw new ArgumentOutOfRangeException(nameof(value), value, $"It is {now:O} already, and this clock does not go back. Make another one.");
        Advance(value - now);
    }

    /// <summary>Makes a timer that fires when the clock is advanced, in the execution context of whoever made it.</summary>
    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        SimulatedTime.RequireTimer(dueTime, nameof(dueTime));
        SimulatedTime.RequireTimer(period, nameof(period));
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    // Moves the clock to the timer's time, or to the target if none is due by then. Another thread may have advanced it further meanwhile.
    private VirtualTimer? TakeDue(long targetTicks)
    {
        lock (_lock)
        {
            while (_timers.TryPeek(out var timer, out var place) && place.DueTicks <= targetTicks)
            {
                _timers.Dequeue();
                if (timer.Number != place.Number)
                    continue;
                _nowTicks = Math.Max(_nowTicks, place.DueTicks);
                timer.Number = 0;
                _waiting--;
                if (timer.PeriodTicks > 0)
                    SetLocked(timer, place.DueTicks + timer.PeriodTicks);
                return timer;
            }

            _nowTicks = Math.Max(_nowTicks, targetTicks);
            return null;
        }
    }

    private void SetLocked(VirtualTimer timer, long dueTicks)
    {
        _waiting += timer.Number == 0 ? 1 : 0;
        timer.Number = ++_number;
        _timers.Enqueue(timer, (dueTicks, timer.Number));
    }

    private void StopLocked(VirtualTimer timer)
    {
        _waiting -= timer.Number == 0 ? 0 : 1;
        timer.Number = 0;
    }

    private sealed class VirtualTimer(VirtualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private bool _isDisposed;

        /// <summary>Which setting is the present one; 0 if it is not set.</summary>
        public long Number { get; set; }

        public long PeriodTicks { get; private set; }

        public void Fire()
        {
            if (_context is null)
                callback(state);
            else
                ExecutionContext.Run(_context, static timer => ((VirtualTimer)timer!).Call(), this);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            SimulatedTime.RequireTimer(dueTime, nameof(dueTime));
            SimulatedTime.RequireTimer(period, nameof(period));
            lock (owner._lock)
            {
                if (_isDisposed)
                    return false;
                PeriodTicks = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
                if (dueTime == Timeout.InfiniteTimeSpan)
                    owner.StopLocked(this);
                else
                    owner.SetLocked(this, owner._nowTicks + dueTime.Ticks);
                return true;
            }
        }

        public void Dispose()
        {
            lock (owner._lock)
            {
                owner.StopLocked(this);
                _isDisposed = true;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Call() => callback(state);
    }
}
