namespace Qi.Actors.Tests.TestKit;

/// <summary>A virtual clock that lets a test act at the worst moment: just before a timer is set.</summary>
internal sealed class HookedTimeProvider : VirtualTimeProvider
{
    /// <summary>Called before a timer is made or changed, with no lock held.</summary>
    public Action? BeforeTimerChange { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        BeforeTimerChange?.Invoke();
        return new HookedTimer(this, base.CreateTimer(callback, state, dueTime, period));
    }

    private sealed class HookedTimer(HookedTimeProvider owner, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            owner.BeforeTimerChange?.Invoke();
            return timer.Change(dueTime, period);
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
