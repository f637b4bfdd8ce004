// The owner's side of a bounded mailbox: after each message it takes, it serves those who stand in line for room.

using Qi.Actors.Mailboxes;

namespace Qi.Actors;

internal abstract partial class ActorCell<TMessage>
{
    // After each message there is room: those who wait for it are served before the next one. An empty queue with somebody in
    // line means that a reserved place was given back (Q3).
    private bool TakeQueued(out TMessage message)
    {
        var queue = Extras.Queue!;
        var room = queue.Room;
        while (!queue.TryDequeue(out message))
        {
            if (room is null || !ServeRoom(room))
                return false;
        }

        if (room is not null)
            ServeRoom(room);
        return true;
    }

    // False if nobody could be served.
    private bool ServeRoom(RoomQueue<TMessage> room)
    {
        bool isServed = false;
        while (room.TakeNext() is { } waiter)
        {
            isServed = true;
            bool isTaken = false;
            try
            {
                isTaken = waiter.TryTake(out var message);
                if (isTaken && room.Queue.FillReserved(message))
                    Poke();
            }
            catch (Exception e)
            {
                ActorLog.OfferFailed(System.Logger, Path, e);
            }

            if (isTaken)
                waiter.Accepted();
            else if (room.Queue.ReleaseReserved())
                Poke();
        }

        return isServed;
    }
}
