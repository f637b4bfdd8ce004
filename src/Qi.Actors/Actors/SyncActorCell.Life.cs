// The short ways into and out of an actor's life: no step that is not needed is taken, and the mailbox keeps its start mark until
// somebody sends. Whatever is out of the ordinary (a failure, a message that waits, a stop at once, a bounded mailbox) is left to the
// slow turn, which takes up the life where Life says it stands; the steps and their order are those of AdvanceLife.

using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

internal sealed partial class SyncActorCell<TMessage>
{
    // Nothing is pushed here: only asynchronous calls have something to say to the owner.
    private protected override ref SystemQueue SystemMessages => ref NoSystemMessages.Queue;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RunLife(ThreadContext thread)
    {
        var behaviour = Unsafe.As<Actor<TMessage>>(Behaviour);
        behaviour.NoteSystemMessage(false);
        if (behaviour.Life == (LifeMarks.NotStarted | LifeMarks.Fresh) && (Atomic.Read(ref Word) & SlowTurnMask) == 0)
        {
            behaviour.Life = LifeMarks.Fresh;
            if (!TryStart(behaviour))
            {
                RunSlow(thread);
                return;
            }
        }

        int seen = Atomic.Read(ref Word) & (SlowTurnMask | StopNowFlag);
        if (seen == StopRequestedFlag && (behaviour.Life & ~LifeMarks.Fresh) == LifeMarks.None)
            End(behaviour, thread);
        else if (seen == 0 && behaviour.Life == LifeMarks.Fresh)
            LeaveStart(behaviour, thread);
        else
            RunSlow(thread);
    }

    private void LeaveStart(Actor<TMessage> behaviour, ThreadContext thread)
    {
        behaviour.Life = LifeMarks.None; // before the mailbox is idle: after that another turn may run
        switch (Mailbox.TryLeaveStart())
        {
            case Advance.Idle:
                WentIdle();
                break;
            case Advance.Next:
                RunFast(thread);
                break;
            default:
                behaviour.Life = LifeMarks.Fresh;
                Kind.Pool.ScheduleYielded(this, thread);
                break;
        }
    }

    private void End(Actor<TMessage> behaviour, ThreadContext thread)
    {
        behaviour.Life |= LifeMarks.Ending | LifeMarks.StoppingRun;
        if (!TryStopping(behaviour) || !IsEmpty(behaviour) || Has(StopNowFlag))
        {
            RunSlow(thread);
            return;
        }

        behaviour.Life |= LifeMarks.StoppedRun;
        if (!TryStopped(behaviour) || !IsEmpty(behaviour) || Has(StopNowFlag))
        {
            RunSlow(thread);
            return;
        }

        Conclude(thread);
        if (!TryLeave(behaviour, thread))
            RunSlow(thread); // Something has come after all: it is buried.
    }

    // The actor has ended: its mailbox becomes idle for good, unless somebody has sent meanwhile.
    private bool TryLeave(Actor<TMessage> behaviour, ThreadContext thread)
    {
        if ((behaviour.Life & LifeMarks.Fresh) != LifeMarks.None)
            return Mailbox.TryLeaveStart() == Advance.Idle;
        var node = Mailbox.First;
        if (Mailbox.TryAdvance(node, out _) != Advance.Idle)
            return false;
        Release(node, thread);
        return true;
    }

    // True if everything that was accepted so far was handled.
    private bool IsEmpty(Actor<TMessage> behaviour)
    {
        if ((behaviour.Life & LifeMarks.Fresh) != LifeMarks.None)
            return Mailbox.IsUntouched;
        var node = Mailbox.First;
        return IsSpent(node) && Mailbox.IsLast(node);
    }

    private bool TryStart(Actor<TMessage> behaviour)
    {
        try
        {
            behaviour.StartedNow();
            return true;
        }
        catch (Exception e)
        {
            FailHook(PendingKind.Started, e);
            return false;
        }
    }

    private bool TryStopping(Actor<TMessage> behaviour)
    {
        try
        {
            behaviour.StoppingNow();
            return true;
        }
        catch (Exception e)
        {
            FailHook(PendingKind.Stopping, e);
            return false;
        }
    }

    private bool TryStopped(Actor<TMessage> behaviour)
    {
        try
        {
            behaviour.StoppedNow();
            return true;
        }
        catch (Exception e)
        {
            FailHook(PendingKind.Stopped, e);
            return false;
        }
    }
}

/// <summary>The system messages of actors that get none.</summary>
internal static class NoSystemMessages
{
    internal static SystemQueue Queue;
}
