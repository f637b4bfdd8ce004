// A coroutine's messages. Senders push onto a stack by compare-exchange; the receiver takes the whole stack, turns it round and
// appends it to its own list, from which it takes the first message that matches. So the order of each sender is kept, and
// messages of other types stay where they are (selective receive).
//
// Any thread: _arrivals. Owner only: _first, _last. The push is a full fence, on which the wait protocol relies
// (CoroutineBox.Wait.cs, step 3).

using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Coroutines;

/// <summary>The mailbox of a coroutine.</summary>
internal sealed class Inbox
{
    private MessageNode? _arrivals;
    private MessageNode? _first;
    private MessageNode? _last;

    /// <summary>True if something was pushed that the owner has not looked at.</summary>
    public bool HasArrivals => Atomic.Read(ref _arrivals) is not null;

    /// <summary>Adds a message. Any thread.</summary>
    public void Push(MessageNode node)
    {
        var head = Atomic.Read(ref _arrivals);
        while (true)
        {
            node.Next = head;
            var before = Atomic.CompareExchange(ref _arrivals, node, head);
            if (before == head)
                return;
            head = before;
        }
    }

    /// <summary>Takes the oldest message that matches. Owner.</summary>
    public MessageNode? TryTake(ReceiveWait wait)
    {
        var previous = default(MessageNode);
        var node = _first ?? Accept();
        while (node is not null)
        {
            if (wait.Accepts(node))
            {
                Unlink(previous, node);
                return node;
            }

            previous = node;
            node = node.Next ?? Accept();
        }

        return null;
    }

    /// <summary>How many messages wait here. Owner.</summary>
    public int Count
    {
        get
        {
            Accept();
            int count = 0;
            for (var node = _first; node is not null; node = node.Next)
                count++;
            return count;
        }
    }

    // Moves what has arrived to the end of the list; returns the first of it.
    private MessageNode? Accept()
    {
        if (Atomic.Read(ref _arrivals) is null)
            return null;
        var newest = Atomic.Exchange(ref _arrivals, null);
        MessageNode? oldest = null;
        for (var node = newest; node is not null;)
        {
            var next = node.Next;
            node.Next = oldest;
            oldest = node;
            node = next;
        }

        if (_last is null)
            _first = oldest;
        else
            _last.Next = oldest;
        _last = newest;
        return oldest;
    }

    private void Unlink(MessageNode? previous, MessageNode node)
    {
        if (previous is null)
            _first = node.Next;
        else
            previous.Next = node.Next;
        if (_last == node)
            _last = previous;
        node.Next = null;
    }
}
