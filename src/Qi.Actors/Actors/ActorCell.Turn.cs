// The slow turn: starting, stopping, pending asynchronous calls, and mailboxes that are not the plain one.
//
// The first node of the mailbox is either a message to handle or spent (a poke, or a message that was taken). Spent nodes
// are stepped over only when nothing else is to be done, because stepping over the last one makes the cell idle.

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

internal abstract partial class ActorCell<TMessage>
{
    /// <summary>Calls the user's handler.</summary>
    private protected abstract ValueTask Invoke(TMessage message);

    /// <summary>Runs fast until the mailbox is idle, the budget is spent or something needs the slow turn. False if this kind cannot.</summary>
    private protected virtual bool TryRunFast(ThreadContext thread) => false;

    private protected void RunSlow(ThreadContext thread)
    {
        if (HasLife(LifeMarks.Fresh) && !TryFindFirst(thread))
        {
            Kind.Pool.ScheduleYielded(this, thread);
            return;
        }

        int done = 0;
        var clock = new TurnClock(Kind.TurnBudgetNs);
        while (true)
        {
            Behaviour.NoteSystemMessage(false);
            if (SystemMessages.HasMessages)
                ApplySystemMessages();
            if ((Atomic.Read(ref Word) & StopRequestedFlag) != 0)
                BeginEnd();
            if (HasLife(LifeMarks.Pending))
            {
                if (TryHold())
                    return;
                continue;
            }

            if (Has(StoppedFlag))
            {
                BuryAll(thread);
                return;
            }

            var life = AdvanceLife();
            if (life == Life.Held)
                return;
            if (life == Life.Again)
                continue;
            if (life == Life.Gap)
            {
                Kind.Pool.ScheduleYielded(this, thread);
                return;
            }

            if (!Has(SlowTurnMask) && Behaviour.Life == LifeMarks.None && TryRunFast(thread))
                return;

            switch (TakeMessage(thread, out var message))
            {
                case Taken.Nothing:
                    return;
                case Taken.Again:
                    continue;
                case Taken.Gap:
                    Kind.Pool.ScheduleYielded(this, thread);
                    return;
                default:
                    Handle(message, thread);
                    if ((++done < Kind.TurnBudgetMessages && !clock.IsOver(done, thread)) || HasLife(LifeMarks.Pending))
                        continue;
                    Kind.Pool.ScheduleYielded(this, thread);
                    return;
            }
        }
    }

    /// <summary>Handles one message in the slow turn.</summary>
    private protected void Handle(TMessage message, ThreadContext thread)
    {
        thread.Counters.Messages++;
        try
        {
            if (Has(InterceptedFlag))
                Kind.Pool.Driver!.BeforeHandling(this, message);
            var task = Invoke(message);
            if (task.IsCompleted)
                task.GetAwaiter().GetResult();
            else
                BeginPending(task, PendingKind.Handler, message);
        }
        catch (Exception e)
        {
            FailHandling(message, e);
        }
    }

    /// <summary>A handler threw: the actor stops, the message is reported.</summary>
    private protected void FailHandling(TMessage? message, Exception exception)
    {
        ActorLog.HandlerFailed(System.Logger, Path, message?.GetType().Name ?? typeof(TMessage).Name, exception);
        FailNow(exception);
    }

    /// <summary>An asynchronous call has not ended: the mailbox is held until it has, or goes on in a reentrant actor.</summary>
    private protected void BeginPending(ValueTask task, PendingKind kind, TMessage? message)
    {
        var extras = Extras;
        if (kind == PendingKind.Handler && Kind.Options.IsReentrant)
        {
            extras.InFlight++;
            var done = new InFlightDone<TMessage>(task, message);
            task.GetAwaiter().UnsafeOnCompleted(() => Push(done));
            return;
        }

        extras.Pending = task;
        extras.PendingKind = kind;
        extras.PendingMessage = message;
        SetLife(LifeMarks.Pending);
        extras.PendingDone ??= () => Push(new PendingDone());
        // In the actor's context, where a handler that ends in the actor's own turn calls this inline; a context that is not the
        // current one (ConfigureAwait(false)) would send each such end through the thread pool.
        task.GetAwaiter().UnsafeOnCompleted(extras.PendingDone);
    }

    // The turn ends while the mailbox is not idle. False if there is something to do first: a message or a stop that has just come.
    private bool TryHold()
    {
        if (!SystemMessages.TryHold())
            return false;
        return (Atomic.Read(ref Word) & StopRequestedFlag) == 0 || !SystemMessages.TryWakeHeld();
    }

    private void ApplySystemMessages()
    {
        var message = SystemMessages.TakeAll();
        while (message is not null)
        {
            var next = message.Next;
            message.Next = null;
            switch (message)
            {
                case PendingDone:
                    EndPending();
                    break;
                case InFlightDone<TMessage> done:
                    Extras.InFlight--;
                    Finish(done.Task, done.Message);
                    break;
                case Continuation continuation:
                    Continue(continuation);
                    break;
                default:
                    break;
            }

            message = next;
        }
    }

    private void EndPending()
    {
        var extras = Extras;
        var task = extras.Pending;
        var kind = extras.PendingKind;
        var message = extras.PendingMessage;
        extras.Pending = default;
        extras.PendingKind = PendingKind.None;
        extras.PendingMessage = default;
        ClearLife(LifeMarks.Pending);
        if (kind == PendingKind.Handler)
            Finish(task, message);
        else
            FinishHook(task, kind);
    }

    private void Finish(ValueTask task, TMessage? message)
    {
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            FailHandling(message, e);
        }
    }

    private void Continue(Continuation continuation)
    {
        try
        {
            continuation.Callback(continuation.State);
        }
        catch (Exception e)
        {
            FailHandling(default, e);
        }
    }

    // Takes the next message, from the queue or the mailbox; steps over spent nodes.
    private Taken TakeMessage(ThreadContext thread, out TMessage message)
    {
        if (Has(HasQueueFlag) && TakeQueued(out message))
            return Taken.Message;
        while (true)
        {
            var node = Mailbox.First;
            if (node.Context is null)
            {
                if (!Runs.IsRun<TMessage>(node))
                {
                    message = MessageNode.Take<TMessage>(node);
                    node.Context = Spent;
                    return Taken.Message;
                }

                if (Runs.TryTake(node, out message))
                    return Taken.Message;
                var end = Runs.TryEnd<TMessage>(node);
                if (end == RunEnd.Gap)
                    return Taken.Gap;
                if (end == RunEnd.HasMore)
                    continue;
                node.Context = Spent;
            }

            message = default!;
            if (IsEnding && Mailbox.IsLast(node))
                return Taken.Again; // Idle would leave the actor without the turn in which it ends.
            switch (Mailbox.TryAdvance(node, out var next))
            {
                case Advance.Idle:
                    Release(node, thread);
                    WentIdle();
                    if (SystemMessages.HasMessages)
                        Poke(); // S5
                    return Taken.Nothing;
                case Advance.Gap:
                    return Taken.Gap;
                default:
                    Release(node, thread);
                    Mailbox.SetFirst(next!);
                    if (Has(HasQueueFlag) || Behaviour.HasSystemMessages)
                        return Taken.Again;
                    break;
            }
        }
    }

    private void BuryAll(ThreadContext thread)
    {
        var queue = Atomic.Read(ref _extras)?.Queue;
        while (true)
        {
            while (queue is not null && queue.TryDequeue(out var queued))
                Bury(queued, DeadLetterReason.Stopped);
            switch (TakeMessage(thread, out var message))
            {
                case Taken.Nothing:
                    return;
                case Taken.Gap:
                    Kind.Pool.ScheduleYielded(this, thread);
                    return;
                case Taken.Message:
                    Bury(message, DeadLetterReason.Stopped);
                    break;
                default:
                    Behaviour.NoteSystemMessage(false);
                    ApplySystemMessages();
                    break;
            }
        }
    }

    private protected static void Release(MessageNode node, ThreadContext thread)
    {
        node.Context = null;
        if (Runs.IsRun<TMessage>(node))
            Runs.Return<TMessage>(node);
        else
            MessageNode.Return<TMessage>(node, thread.Nodes);
    }

    private enum Taken
    {
        Message,
        Nothing,
        Again,
        Gap,
    }
}
