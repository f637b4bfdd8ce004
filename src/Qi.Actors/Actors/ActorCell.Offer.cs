// The dataflow target's side: offers are accepted, postponed, declined and, when room returns, consumed (ServeRoom).

using System.Threading.Tasks.Dataflow;

using Qi.Actors.Mailboxes;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

internal abstract partial class ActorCell<TMessage>
{
    public sealed override ValueTask<bool> SendAsync(TMessage message, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellationToken);
        if (Has(HasQueueFlag) && Extras.Queue!.Room is { } room && !IsClosed)
            return SendWhenRoom(message, room, cancellationToken);
        return new ValueTask<bool>(Tell(message) is TellStatus.Accepted or TellStatus.Dropped);
    }

    internal sealed override DataflowMessageStatus Offer(
        DataflowMessageHeader header,
        TMessage message,
        ISourceBlock<TMessage>? source,
        bool consumeToAccept,
        ITargetBlock<TMessage> target)
    {
        if (IsClosed)
            return DataflowMessageStatus.DecliningPermanently;
        if (Has(HasQueueFlag))
        {
            if (Extras.Queue!.Room is { } room)
                return OfferWhenRoom(header, message, source, consumeToAccept, target, room);
            if (consumeToAccept && Extras.Queue is BoundedQueue<TMessage> { FullMode: MailboxFullMode.Reject } queue)
                return queue.TryReserve() ? ConsumeReserved(header, source!, target, queue) : DataflowMessageStatus.Declined;
        }

        if (consumeToAccept)
        {
            message = source!.ConsumeMessage(header, target, out bool isConsumed)!;
            if (!isConsumed)
                return DataflowMessageStatus.NotAvailable;
        }

        switch (TryTell(message))
        {
            case TellStatus.Accepted or TellStatus.Dropped:
                return DataflowMessageStatus.Accepted;
            case TellStatus.Full:
                return DataflowMessageStatus.Declined;
            default:
                if (!consumeToAccept)
                    return DataflowMessageStatus.DecliningPermanently;
                Bury(message, DeadLetterReason.Stopped); // The source has given it away: nobody else can take it any more.
                return DataflowMessageStatus.Accepted;
        }
    }

    internal sealed override async ValueTask<bool> WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (!Has(HasQueueFlag) || Extras.Queue!.Room is not { } room || IsClosed)
            return !IsClosed;
        var probe = new RoomProbe<TMessage>(room);
        if (room.HasRoomOrJoin(probe))
            return true;
        LeaveIfClosed(probe, room);
        return await probe.WaitAsync(cancellationToken).ConfigureAwait(PoolDriver.IsHere);
    }

    internal sealed override bool IsClosed => (Atomic.Read(ref Word) & ClosedFlag) != 0;

    private ValueTask<bool> SendWhenRoom(TMessage message, RoomQueue<TMessage> room, CancellationToken cancellationToken)
    {
        var pending = new PendingSend<TMessage>(message, room);
        if (room.EnqueueOrWait(message, pending, out bool mustSignal))
        {
            if (mustSignal)
                Poke();
            return new ValueTask<bool>(true);
        }

        pending.Observe(cancellationToken);
        LeaveIfClosed(pending, room);
        return new ValueTask<bool>(pending.Task);
    }

    private DataflowMessageStatus OfferWhenRoom(
        DataflowMessageHeader header,
        TMessage message,
        ISourceBlock<TMessage>? source,
        bool consumeToAccept,
        ITargetBlock<TMessage> target,
        RoomQueue<TMessage> room)
    {
        if (source is null)
        {
            if (!room.Queue.TryReserve())
                return DataflowMessageStatus.Declined;
        }
        else if (room.ReserveOrPostpone(header, source, target) is { } offer)
        {
            return LeaveIfClosed(offer, room) ? DataflowMessageStatus.DecliningPermanently : DataflowMessageStatus.Postponed;
        }

        if (consumeToAccept)
            return ConsumeReserved(header, source!, target, room.Queue);
        if (room.Queue.FillReserved(message))
            Poke();
        return DataflowMessageStatus.Accepted;
    }

    private DataflowMessageStatus ConsumeReserved(
        DataflowMessageHeader header,
        ISourceBlock<TMessage> source,
        ITargetBlock<TMessage> target,
        BoundedQueue<TMessage> queue)
    {
        bool isConsumed = false;
        TMessage? message;
        try
        {
            message = source.ConsumeMessage(header, target, out isConsumed);
        }
        finally
        {
            if (!isConsumed && queue.ReleaseReserved())
                Poke();
        }

        if (!isConsumed)
            return DataflowMessageStatus.NotAvailable;
        if (queue.FillReserved(message!))
            Poke();
        return DataflowMessageStatus.Accepted;
    }

    // The actor may have closed after the caller looked and before it stood in line: then nobody serves the line any more. The
    // line's lock is the fence between joining it and this look; RefuseRoom takes the same lock after Closed was set.
    private bool LeaveIfClosed(RoomWaiter<TMessage> waiter, RoomQueue<TMessage> room)
    {
        if (!IsClosed || !room.TryLeave(waiter))
            return false;
        Refuse(waiter);
        return true;
    }
}
