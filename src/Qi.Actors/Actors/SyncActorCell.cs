// The fast turn, the innermost loop, is here; the short ways into and out of an actor's life are in SyncActorCell.Life.cs.

using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>The cell of an actor with a synchronous handler: its fast turn is the runtime's innermost loop.</summary>
internal sealed partial class SyncActorCell<TMessage>(Actor<TMessage> actor, ActorKind kind, string? name)
    : ActorCell<TMessage>(actor, kind, name)
{
    private const int LingerAfterMessages = 16;
    private const int LingerSpins = 8;

    internal override void Run(ThreadContext thread)
    {
        if ((Word & SlowTurnMask) != 0 || Behaviour.HasSystemMessages || Behaviour.Life != LifeMarks.None)
            RunLife(thread);
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

    // Plain nodes that were handled stay linked to each other; they go back to the magazine as whole chains of 64, the rest at the end
    // of the turn. What is linked from chainStart, chain nodes up to but not including node, is such a chain.
    private void RunFast(ThreadContext thread)
    {
        var behaviour = Unsafe.As<Actor<TMessage>>(Behaviour);
        var nodes = MessageNode.MagazineOf<TMessage>(thread.Nodes);
        var node = Mailbox.First;
        var chainStart = node;
        int chain = 0;
        int done = 0;
        int budget = Kind.TurnBudgetMessages;
        var clock = new TurnClock(Kind.TurnBudgetNs);
        bool isHandling = false;
        TMessage message = default!;
        try
        {
            do
            {
                bool isRun = Runs.IsRun<TMessage>(node);
                if (node.Context is not null)
                {
                    node.Context = null;
                }
                else if (!isRun)
                {
                    message = MessageNode.Take<TMessage>(node);
                    done++;
                    isHandling = true;
                    behaviour.Handle(message);
                    isHandling = false;
                }
                else if (Runs.TryTake(node, out message))
                {
                    done++;
                    isHandling = true;
                    behaviour.Handle(message);
                    isHandling = false;
                    continue;
                }
                else
                {
                    var end = EndRun(node, done, thread);
                    if (end == RunEnd.HasMore)
                        continue;
                    if (end == RunEnd.Gap)
                    {
                        thread.Counters.Messages += done;
                        nodes.ReturnRun(chainStart, chain);
                        EndTurnInGap(node, thread);
                        return;
                    }
                }

                var next = Atomic.Read(ref node.Next);
                if (next is null && behaviour.HasSystemMessages)
                {
                    node.Context = Spent; // A stop most often: the mailbox need not become idle first.
                    break;
                }

                if (next is null && (next = CatchUp(node, done, thread, out bool isIdle)) is null)
                {
                    thread.Counters.Messages += done;
                    nodes.ReturnRun(chainStart, chain);
                    if (!isIdle)
                    {
                        node.Context = Spent;
                        EndTurnInGap(node, thread);
                    }
                    else
                    {
                        if (isRun)
                            Runs.Return<TMessage>(node);
                        else
                            nodes.Return(node);
                        WentIdle();
                    }

                    return;
                }

                if (isRun)
                {
                    nodes.ReturnRun(chainStart, chain);
                    Runs.Return<TMessage>(node);
                    (chainStart, chain) = (next, 0);
                }
                else if (++chain == Magazine.Size)
                {
                    node.Next = null;
                    nodes.ReturnFull(chainStart);
                    (chainStart, chain) = (next, 0);
                }

                node = next;
            }
            while (!behaviour.HasSystemMessages && done < budget && !clock.IsOver(done, thread));
        }
        catch (Exception e) when (isHandling)
        {
            nodes.ReturnRun(chainStart, chain);
            EndFailedTurn(node, message, done, e, thread);
            return;
        }

        nodes.ReturnRun(chainStart, chain);
        Mailbox.SetFirst(node);
        thread.Counters.Messages += done;
        if (behaviour.HasSystemMessages)
            RunLife(thread);
        else
            Kind.Pool.ScheduleAgain(this, thread);
    }

    // Nothing more is written in a run, for now: a busy sender is given a moment before the run is closed.
    private static RunEnd EndRun(MessageNode run, int done, ThreadContext thread)
    {
        if (done >= LingerAfterMessages && Runs.IsAtEnd<TMessage>(run) && Atomic.Read(ref run.Next) is null && thread.HasNoOtherWork)
            Thread.SpinWait(LingerSpins);
        return Runs.TryEnd<TMessage>(run);
    }

    // No message follows the node that was handled. Null if none comes: the mailbox is idle then, and nothing of the cell may be
    // touched any more; or a sender stands in between, and the owner tries again in a later turn.
    private MessageNode? CatchUp(MessageNode node, int done, ThreadContext thread, out bool isIdle)
    {
        if (done >= LingerAfterMessages && thread.HasNoOtherWork)
            Mailbox.Linger(node);
        var advance = Mailbox.TryAdvance(node, out var next);
        isIdle = advance == Advance.Idle;
        return next;
    }

    private void EndTurnInGap(MessageNode first, ThreadContext thread)
    {
        Mailbox.SetFirst(first);
        Kind.Pool.ScheduleYielded(this, thread);
    }

    private void EndFailedTurn(MessageNode node, TMessage message, int done, Exception exception, ThreadContext thread)
    {
        if (!Runs.IsRun<TMessage>(node))
            node.Context = Spent;
        Mailbox.SetFirst(node);
        thread.Counters.Messages += done;
        FailHandling(message, exception);
        RunSlow(thread);
    }
}
