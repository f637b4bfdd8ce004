using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>Brings what follows an await in a handler back to the actor's own turn, as a message.</summary>
internal sealed class ActorSynchronizationContext : SynchronizationContext
{
    private readonly Action<Continuation> _push;
    private readonly PoolDriver? _driver;

    public ActorSynchronizationContext(Action<Continuation> push, PoolDriver? driver)
    {
        _push = push;
        _driver = driver;
        if (driver is not null)
            SetWaitNotificationRequired();
    }

    public override int Wait(nint[] waitHandles, bool waitAll, int millisecondsTimeout)
    {
        _driver?.BeforeBlocking();
        return base.Wait(waitHandles, waitAll, millisecondsTimeout);
    }

    public override void Post(SendOrPostCallback d, object? state) => _push(new Continuation(d, state));

    public override void Send(SendOrPostCallback d, object? state)
        => throw new NotSupportedException("An actor's turn cannot be waited for synchronously from its SynchronizationContext. Use Post, or await.");

    public override SynchronizationContext CreateCopy() => this;
}
