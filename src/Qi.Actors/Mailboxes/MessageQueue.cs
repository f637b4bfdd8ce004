// The mailboxes that are not the plain one. Each keeps its messages under a lock of its own and uses the cell's mailbox only
// to get a turn: a poke, sent when the queue turns from quiet to signalled.
//
// Q1: _isSignalled is true from the enqueue that returned mustSignal until a dequeue finds the queue empty, both under the
//     lock; so a non-empty queue has a poke on its way, or a turn that will look again.

namespace Qi.Actors.Mailboxes;

/// <summary>A bounded or ordered queue of messages.</summary>
internal abstract class MessageQueue<T>
{
    private protected readonly Lock Gate = new();

    private protected bool IsSignalled;

    /// <summary>How many messages wait. Any thread.</summary>
    public abstract int Count { get; }

    /// <summary>Adds a message, as the full mode says. Any thread.</summary>
    /// <param name="message">The message.</param>
    /// <param name="mustSignal">True if the caller must poke the cell.</param>
    /// <param name="evicted">The message that was dropped to make room, if the result says so.</param>
    public abstract EnqueueResult Enqueue(T message, out bool mustSignal, out T? evicted);

    /// <summary>Takes the next message. Owner.</summary>
    public abstract bool TryDequeue(out T message);

    /// <summary>Waits for room with a message; null if the queue never makes senders wait. Any thread.</summary>
    public virtual RoomQueue<T>? Room => null;

    private protected bool Signal()
    {
        if (IsSignalled)
            return false;
        IsSignalled = true;
        return true;
    }
}

/// <summary>What became of an enqueued message.</summary>
internal enum EnqueueResult
{
    Accepted,
    AcceptedEvicting,
    Full,
    Dropped,
}

/// <summary>Highest priority first; equals in the order of arrival.</summary>
internal sealed class PrioritizedQueue<T>(Func<T, int> selector) : MessageQueue<T>
{
    private readonly PriorityQueue<T, (int Urgency, long Arrival)> _messages = new(ByUrgency.Instance);
    private long _arrivals;

    public override int Count
    {
        get
        {
            lock (Gate)
                return _messages.Count;
        }
    }

    public override EnqueueResult Enqueue(T message, out bool mustSignal, out T? evicted)
    {
        evicted = default;
        int urgency = selector(message);
        lock (Gate)
        {
            _messages.Enqueue(message, (urgency, _arrivals++));
            mustSignal = Signal();
            return EnqueueResult.Accepted;
        }
    }

    public override bool TryDequeue(out T message)
    {
        lock (Gate)
        {
            if (_messages.TryDequeue(out message!, out _))
                return true;
            IsSignalled = false;
            return false;
        }
    }

    private sealed class ByUrgency : IComparer<(int Urgency, long Arrival)>
    {
        public static readonly ByUrgency Instance = new();

        public int Compare((int Urgency, long Arrival) x, (int Urgency, long Arrival) y)
        {
            int byUrgency = y.Urgency.CompareTo(x.Urgency);
            return byUrgency != 0 ? byUrgency : x.Arrival.CompareTo(y.Arrival);
        }
    }
}
