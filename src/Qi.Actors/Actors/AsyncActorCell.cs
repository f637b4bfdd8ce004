using System.Runtime.CompilerServices;

using Qi.Actors.Mailboxes;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>The cell of an actor with an asynchronous handler.</summary>
internal sealed class AsyncActorCell<TMessage>(AsyncActor<TMessage> actor, ActorKind kind, string? name)
    : ActorCell<TMessage>(actor, kind, name)
{
    private SystemQueue _systemMessages;
    private ActorSynchronizationContext? _context;

    private protected override ref SystemQueue SystemMessages => ref _systemMessages;

    internal override void Run(ThreadContext thread)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context ??= new ActorSynchronizationContext(Push, Kind.Pool.Driver));
        RunSlow(thread);
        SynchronizationContext.SetSynchronizationContext(outer);
    }

    private protected override ValueTask Invoke(TMessage message) => Unsafe.As<AsyncActor<TMessage>>(Behaviour).Handle(message);
}
