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

    // Nodes that were handled stay linked to each other; they go back to the magazine as whole chains of 64, the rest at the end of
    // the turn. The run is what is linked from runStart and spent, up to but not including node.
    private void RunFast(ThreadContext thread)
    {
        var behaviour = Unsafe.As<Actor<TMessage>>(Behaviour);
        var nodes = MessageNode.MagazineOf<TMessage>(thread.Nodes);
        var node = Mailbox.First;
        var runStart = node;
        int run = 0;
        int done = 0;
        int budget = Kind.TurnBudgetMessages;
        var clock = new TurnClock(Kind.TurnBudgetNs);
        TMessage message = default!;
        try
        {
            do
            {
                if (node.Context is null)
                {
                    message = MessageNode.Take<TMessage>(node);
                    done++;
                    behaviour.Handle(message);
                }
                else
                {
                    node.Context = null;
                }

                var next = Atomic.Read(ref node.Next);
                if (next is null && (next = CatchUp(node, done, thread, out bool isIdle)) is null)
                {
                    thread.Counters.Messages += done;
                    nodes.ReturnRun(runStart, isIdle ? run + 1 : run);
                    if (!isIdle)
                        EndTurn(node, thread);
                    return;
                }

                if (++run == Magazine.Size)
                {
                    node.Next = null;
                    nodes.ReturnFull(runStart);
                    runStart = next;
                    run = 0;
                }

                node = next;
            }
            while (!behaviour.HasSystemMessages && done < budget && !clock.IsOver(done));
        }
        catch (Exception e)
        {
            nodes.ReturnRun(runStart, run);
            node.Context = Spent;
            Mailbox.SetFirst(node);
            thread.Counters.Messages += done;
            FailHandling(message, e);
            RunSlow(thread);
            return;
        }

        nodes.ReturnRun(runStart, run);
        Mailbox.SetFirst(node);
        thread.Counters.Messages += done;
        if (behaviour.HasSystemMessages)
            RunSlow(thread);
        else
            Kind.Pool.ScheduleAgain(this, thread);
    }

    // No message follows the one that was handled. Null if none comes: the mailbox is idle then, and nothing of the cell may be
    // touched any more; or a sender stands in between, and the owner tries again in a later turn.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private MessageNode? CatchUp(MessageNode node, int done, ThreadContext thread, out bool isIdle)
    {
        if (done >= LingerAfterMessages && thread.HasNoOtherWork)
            Mailbox.Linger(node);
        var advance = Mailbox.TryAdvance(node, out var next);
        isIdle = advance == Advance.Idle;
        return next;
    }

    private void EndTurn(MessageNode spent, ThreadContext thread)
    {
        spent.Context = Spent;
        Mailbox.SetFirst(spent);
        Kind.Pool.ScheduleLast(this, thread);
    }
}
