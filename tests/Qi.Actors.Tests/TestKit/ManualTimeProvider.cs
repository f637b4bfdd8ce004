namespace Qi.Actors.Tests.TestKit;

/// <summary>A clock whose time and timers move only by <see cref="Advance"/>.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private long _nowTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Time since the provider was made.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(GetTimestamp());

    /// <summary>Called before a timer is set, with no lock held: where a test can let time pass at the worst moment.</summary>
    public Action? BeforeTimerChange { get; set; }

    public override long GetTimestamp()
    {
        lock (_lock)
            return _nowTicks;
    }

    public override DateTimeOffset GetUtcNow() => s_start + Elapsed;

    /// <summary>Moves the clock; timers fire on the way, in the order of their deadlines, on the calling thread.</summary>
    public void Advance(TimeSpan by)
    {
        long targetTicks;
        lock (_lock)
            targetTicks = _nowTicks + by.Ticks;
        while (TakeDue(targetTicks) is { } timer)
            timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeDue(long targetTicks)
    {
        lock (_lock)
        {
            var next = _timers.Where(timer => timer.DueTicks <= targetTicks).MinBy(timer => timer.DueTicks);
            _nowTicks = next is null ? targetTicks : Math.Max(_nowTicks, next.DueTicks);
            if (next is null)
                return null;
            if (next.PeriodTicks > 0)
                next.DueTicks += next.PeriodTicks;
            else
                _timers.Remove(next);
            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        public long DueTicks { get; set; }

        public long PeriodTicks { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            owner.BeforeTimerChange?.Invoke();
            lock (owner._lock)
            {
                owner._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                DueTicks = owner._nowTicks + dueTime.Ticks;
                PeriodTicks = period == Timeout.InfiniteTimeSpan ? 0 : period.Ticks;
                owner._timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (owner._lock)
                owner._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
