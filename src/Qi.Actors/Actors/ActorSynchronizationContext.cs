using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>Brings what follows an await in a handler back to the actor's own turn, as a message.</summary>
internal sealed class ActorSynchronizationContext(Action<Continuation> push, PoolDriver? driver) : DrivableSynchronizationContext(driver)
{
    public override void Post(SendOrPostCallback d, object? state) => push(new Continuation(d, state));

    public override void Send(SendOrPostCallback d, object? state)
        => throw new NotSupportedException("An actor's turn cannot be waited for synchronously from its SynchronizationContext. Use Post, or await.");
}
