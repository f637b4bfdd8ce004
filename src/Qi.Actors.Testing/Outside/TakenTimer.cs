namespace Qi.Actors.Testing.Outside;

/// <summary>One setting of a timer of the framework, to be fired in virtual time. A later change makes a new one and leaves this one dead.</summary>
internal sealed class TakenTimer
{
    private readonly FrozenQueue _queue;
    private readonly object _timer;
    private readonly long _generation;

    internal TakenTimer(FrozenQueue queue, object timer, long generation)
    {
        _queue = queue;
        _timer = timer;
        _generation = generation;
    }

    /// <summary>
    /// False once the timer has been changed, stopped, disposed or fired: then there is nothing to wait for, and virtual time need not pass.
    /// </summary>
    public bool IsScheduled => _queue.IsScheduled(_timer, _generation);

    /// <summary>
    /// Does what the framework does when the timer is due: schedules it again if it has a period, and calls the callback in its execution context.
    /// Call it inside a turn, with the synchronization context that pool threads are to have. Does nothing and returns false if
    /// <see cref="IsScheduled"/> is false. An exception of the callback comes through.
    /// </summary>
    public bool Fire() => _queue.TryFire(_timer, _generation);

    /// <summary>What the timer is for: "Task.Delay", "Timer of Shop.Tick".</summary>
    public override string ToString() => _queue.Describe(_timer);
}
