// A mailbox with a limit. In Wait mode senders and postponed dataflow offers queue up for room, in one line, first come first
// served; while anyone stands in line nobody overtakes, so a sender's messages keep their order.
//
// Under the lock: everything. Foreign code (a source's ConsumeMessage, a waiter's continuation) runs outside of it, by the
// owner or by the thread that offers; the place it fills is reserved meanwhile.
// Q2: messages + reserved <= capacity, always.
// Q3: if anybody waits in line, there was no room at their arrival: the look for room and the joining are one step under the
//     lock. Room comes back in two ways, and either serves the line: a dequeue, after which the owner serves it, and a
//     reservation given back, which signals the owner if anybody waits; an owner that finds the queue empty serves the line.

using System.Diagnostics;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Mailboxes;

/// <summary>First in first out, up to a number.</summary>
internal sealed class BoundedQueue<T> : MessageQueue<T>
{
    private readonly Queue<T> _messages = new();
    private readonly int _capacity;
    private readonly MailboxFullMode _fullMode;
    private readonly RoomQueue<T>? _room;
    private int _reserved;

    public BoundedQueue(int capacity, MailboxFullMode fullMode)
    {
        _capacity = capacity;
        _fullMode = fullMode;
        _room = fullMode == MailboxFullMode.Wait ? new RoomQueue<T>(this) : null;
    }

    public override RoomQueue<T>? Room => _room;

    public override int Count
    {
        get
        {
            lock (Gate)
                return _messages.Count;
        }
    }

    internal Lock LineGate => Gate;

    internal MailboxFullMode FullMode => _fullMode;

    public override EnqueueResult Enqueue(T message, out bool mustSignal, out T? evicted)
    {
        lock (Gate)
        {
            evicted = default;
            mustSignal = false;
            var result = EnqueueResult.Accepted;
            if (!HasRoomLocked())
            {
                if (_fullMode == MailboxFullMode.DropNewest)
                    return EnqueueResult.Dropped;
                if (_fullMode != MailboxFullMode.DropOldest)
                    return EnqueueResult.Full;
                evicted = _messages.Dequeue();
                result = EnqueueResult.AcceptedEvicting;
            }

            _messages.Enqueue(message);
            mustSignal = Signal();
            AssertInvariants();
            return result;
        }
    }

    public override bool TryDequeue(out T message)
    {
        lock (Gate)
        {
            if (_messages.TryDequeue(out message!))
                return true;
            IsSignalled = false;
            return false;
        }
    }

    /// <summary>Room for a newcomer, who may not overtake those in line.</summary>
    internal bool HasRoomLocked() => _messages.Count + _reserved < _capacity && _room is not { HasWaitersLocked: true };

    /// <summary>Keeps a place free for the one at the head of the line. False if there is none.</summary>
    internal bool TryReserveLocked()
    {
        if (_messages.Count + _reserved >= _capacity)
            return false;
        _reserved++;
        return true;
    }

    /// <summary>Fills a reserved place; true if the caller must poke the cell.</summary>
    internal bool FillReserved(T message)
    {
        lock (Gate)
        {
            _reserved--;
            _messages.Enqueue(message);
            AssertInvariants();
            return Signal();
        }
    }

    /// <summary>Gives a reserved place back; true if somebody waits for it, and the caller must poke the cell.</summary>
    internal bool ReleaseReserved()
    {
        lock (Gate)
        {
            _reserved--;
            AssertInvariants();
            return _room is { HasWaitersLocked: true } && Signal();
        }
    }

    /// <summary>Reserves a place for a message that must still be fetched from its source; false if there is none.</summary>
    internal bool TryReserve()
    {
        lock (Gate)
            return HasRoomLocked() && TryReserveLocked();
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        Debug.Assert(_reserved >= 0, "Every reserved place was reserved once.");
        Debug.Assert(_messages.Count + _reserved <= _capacity, "Q2: the queue holds no more than its capacity.");
    }
}

/// <summary>The line of those who wait for room.</summary>
internal sealed class RoomQueue<T>(BoundedQueue<T> queue)
{
    private readonly LinkedList<RoomWaiter<T>> _line = new();

    internal BoundedQueue<T> Queue => queue;

    internal bool HasWaitersLocked => _line.Count > 0;

    /// <summary>Takes a message at once if there is room, else puts the waiter in line. True if it was taken.</summary>
    public bool EnqueueOrWait(T message, RoomWaiter<T> waiter, out bool mustSignal)
    {
        lock (queue.LineGate)
        {
            if (queue.HasRoomLocked())
            {
                queue.Enqueue(message, out mustSignal, out _);
                return true;
            }

            mustSignal = false;
            waiter.Place = _line.AddLast(waiter);
            return false;
        }
    }

    /// <summary>
    /// Reserves a place if there is room, else puts the offer in line; a newer offer of the same source takes the place of the
    /// older one. Null if a place was reserved.
    /// </summary>
    public PostponedOffer<T>? ReserveOrPostpone(DataflowMessageHeader header, ISourceBlock<T> source, ITargetBlock<T> target)
    {
        lock (queue.LineGate)
        {
            if (queue.HasRoomLocked() && queue.TryReserveLocked())
                return null;
            for (var place = _line.First; place is not null; place = place.Next)
            {
                if (place.Value is PostponedOffer<T> offer && offer.Source == source && offer.Target == target)
                {
                    offer.Header = header;
                    return offer;
                }
            }

            var waiter = new PostponedOffer<T>(header, source, target);
            waiter.Place = _line.AddLast(waiter);
            return waiter;
        }
    }

    /// <summary>True if there is room; else puts the waiter in line.</summary>
    public bool HasRoomOrJoin(RoomWaiter<T> waiter)
    {
        lock (queue.LineGate)
        {
            if (queue.HasRoomLocked())
                return true;
            waiter.Place = _line.AddLast(waiter);
            return false;
        }
    }

    /// <summary>Leaves the line; false if the waiter was served already.</summary>
    public bool TryLeave(RoomWaiter<T> waiter)
    {
        lock (queue.LineGate)
        {
            if (waiter.Place is null)
                return false;
            _line.Remove(waiter.Place);
            waiter.Place = null;
            return true;
        }
    }

    /// <summary>The next in line, with a place reserved for it; null if there is no room or nobody waits. Owner.</summary>
    public RoomWaiter<T>? TakeNext()
    {
        lock (queue.LineGate)
        {
            if (_line.First is not { } first || !queue.TryReserveLocked())
                return null;
            _line.Remove(first);
            first.Value.Place = null;
            return first.Value;
        }
    }

    /// <summary>Everyone in line, who will not be served any more.</summary>
    public List<RoomWaiter<T>> TakeAll()
    {
        lock (queue.LineGate)
        {
            var all = _line.ToList();
            foreach (var waiter in all)
                waiter.Place = null;
            _line.Clear();
            return all;
        }
    }
}
