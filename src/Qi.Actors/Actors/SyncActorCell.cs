using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>The cell of an actor with a synchronous handler: its fast turn is the runtime's innermost loop.</summary>
internal sealed class SyncActorCell<TMessage>(Actor<TMessage> actor, ActorKind kind, string? name)
    : ActorCell<TMessage>(actor, kind, name)
{
    private const int LingerAfterMessages = 16;

    internal override void Run(ThreadContext thread)
    {
        if ((Word & SlowTurnMask) != 0 || Behaviour.HasSystemMessages)
            RunSlow(thread);
        else
            RunFast(thread);
    }

    private protected override ValueTask Invoke(TMessage message)
    {
        Unsafe.As<Actor<TMessage>>(Behaviour).Handle(message);
        return default;
    }

    private protected override bool TryRunFast(ThreadContext thread)
    {
        RunFast(thread);
        return true;
    }

    private void RunFast(ThreadContext thread)
    {
        var behaviour = Unsafe.As<Actor<TMessage>>(Behaviour);
        var node = Mailbox.First;
        int budget = Kind.TurnBudgetMessages;
        int left = budget;
        var clock = new TurnClock(Kind.TurnBudgetNs);
        TMessage message = default!;
        try
        {
            while (true)
            {
                if (node.Context is null)
                {
                    message = MessageNode.Take<TMessage>(node);
                    node.Context = Spent;
                    behaviour.Handle(message);
                    left--;
                }

                if (budget - left >= LingerAfterMessages && Atomic.Read(ref node.Next) is null && thread.HasNoOtherWork)
                    Mailbox.Linger(node);
                var advance = Mailbox.TryAdvance(node, out var next);
                if (advance != Advance.Next)
                {
                    thread.Counters.Messages += budget - left;
                    if (advance == Advance.Idle)
                    {
                        node.Context = null;
                        MessageNode.Return<TMessage>(node, thread.Nodes);
                        return;
                    }

                    Mailbox.SetFirst(node);
                    Kind.Pool.ScheduleLast(this, thread);
                    return;
                }

                node.Context = null;
                MessageNode.Return<TMessage>(node, thread.Nodes);
                node = next!;
                if (behaviour.HasSystemMessages)
                    break;
                if (left <= 0 || clock.IsOver(budget - left))
                    break;
            }
        }
        catch (Exception e)
        {
            Mailbox.SetFirst(node);
            thread.Counters.Messages += budget - left + 1;
            FailHandling(message, e);
            RunSlow(thread);
            return;
        }

        Mailbox.SetFirst(node);
        thread.Counters.Messages += budget - left;
        if (behaviour.HasSystemMessages)
            RunSlow(thread);
        else
            Kind.Pool.ScheduleAgain(this, thread);
    }
}
