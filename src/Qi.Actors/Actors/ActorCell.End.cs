// An actor's end: what still waits is buried, the name is free, Stopped is set, and whoever waits is told; in this order.

using Qi.Actors.Mailboxes;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

internal abstract partial class ActorCell<TMessage>
{
    // False if a sender stands between its exchange and its link: what it has sent, and what follows, is still to be buried.
    private bool TryConclude()
    {
        var thread = ThreadContext.Instance;
        while (HasMessages())
        {
            var taken = TakeMessage(thread, out var message);
            if (taken == Taken.Gap)
                return false;
            if (taken == Taken.Message)
                Bury(message, DeadLetterReason.Stopped);
        }

        Conclude(thread);
        return true;
    }

    /// <summary>The actor has ended. What still comes until the mailbox is idle, and after that, is buried.</summary>
    private protected void Conclude(ThreadContext thread)
    {
        RefuseRoom();
        var extras = Atomic.Read(ref _extras);
        System.Forget(this, extras?.Name, thread); // before the flag: whoever sees that the actor has stopped finds its name free
        Behaviour.Ended(extras?.Failure);
        MarkStopped();
        extras = Atomic.Read(ref _extras); // after the flag: a source made before it is seen here, a later one settles itself
        if (extras is { HasCompletion: true })
            Settle(extras.Completion);
    }

    // The end answers every request to stop that came before it.
    private void MarkStopped()
    {
        int seen = Word;
        while (true)
        {
            int before = Atomic.CompareExchange(ref Word, (seen | StoppedFlag) & ~StopRequestedFlag, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    private void Settle(TaskCompletionSource source)
    {
        if (Extras.Failure is not { } failure)
        {
            source.TrySetResult();
        }
        else if (source.TrySetException(failure))
        {
            _ = source.Task.Exception; // It was logged: an unawaited Completion is no unobserved failure.
        }
    }

    private void RefuseRoom()
    {
        if (Atomic.Read(ref _extras)?.Queue?.Room is not { } room)
            return;
        foreach (var waiter in room.TakeAll())
            Refuse(waiter);
    }

    private void Refuse(RoomWaiter<TMessage> waiter)
    {
        try
        {
            waiter.Refused();
        }
        catch (Exception e)
        {
            ActorLog.OfferFailed(System.Logger, Path, e);
        }
    }
}
