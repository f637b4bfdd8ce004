// The idea: a linked list of nodes that always contains one spent node, the stub. A producer exchanges the end of the list for
// its node and then links the node before to it; the consumer follows the links.
//
// Fields, by writer:
//   any thread  _last, by exchange; a node's Next, once, by the producer of the node after it
//   consumer    _stub, and a node's Value after it has been read
//
// Invariants:
// M1. From _stub, following Next leads to _last, except for at most one gap for each producer that has exchanged _last but not
//     linked yet.
// M2. The queue is empty exactly if _stub is _last.
// M3. A gap hides what is behind it, for as long as the producer is off its core. TryDequeue spins for a moment and then returns
//     false; IsEmpty stays false and so tells "empty for now" from "empty". No wake-up can be lost by that: a producer wakes the
//     consumer after Enqueue has returned, when its link is there. The consumer need not, and must not, wait for it.
// M4. The order of the exchanges is the order of the items; so each producer's items keep their order.
//
// A spent node is cut off its successor, so that an old node that the collector has promoted does not drag young ones along.
//
// Rejected: ConcurrentQueue (a segment of 32 slots for an idle control queue, and many consumers to be prepared for) and an
// intrusive list (a message would have to be a class of its own).
// Source: D. Vyukov, "Non-intrusive MPSC node-based queue", 1024cores, 2010.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Qi.Actors.Platform;

namespace Qi.Actors.Collections;

/// <summary>An unbounded first-in first-out queue for control messages: many producers, one consumer.</summary>
/// <remarks><b>Cost</b>: one allocation and one exchange for each item. Not the mailbox.</remarks>
internal sealed class MpscQueue<T>
{
    private PaddedReference<Node> _last;
    private PaddedReference<Node> _stub;

    internal MpscQueue()
    {
        var stub = new Node(default!);
        _last.Value = stub;
        _stub.Value = stub;
    }

    /// <summary>
    /// Whether there is nothing, not even an item whose producer has not linked it yet. Any thread; a snapshot.
    /// </summary>
    internal bool IsEmpty
    {
        get
        {
            // The stub first: it only moves towards the end, so if it is the end at the second read, the queue is empty then.
            Node? stub = Atomic.Read(ref _stub.Value);
            return ReferenceEquals(stub, Atomic.Read(ref _last.Value));
        }
    }

    /// <summary>Adds an item at the end. Any thread.</summary>
    internal void Enqueue(T item)
    {
        var node = new Node(item);
        Link(Announce(node), node);
    }

    /// <summary>The consumer: takes the oldest item.</summary>
    /// <returns>False if there is none, or none that is linked yet (M3): <see cref="IsEmpty"/> tells which.</returns>
    internal bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        Node stub = _stub.Value!;

        // Pairs with Link: the item behind it is visible.
        Node? next = Atomic.Read(ref stub.Next) ?? WaitForLink(stub);
        if (next is null)
        {
            item = default;
            return false;
        }

        item = next.Value;
        next.Value = default!;

        // Released for IsEmpty on other threads. The old stub has its link, so no producer touches it again.
        Atomic.Write(ref _stub.Value, next);
        stub.Next = null;
        return true;
    }

    /// <summary>The consumer: checks that the list holds together, as far as it is linked.</summary>
    [Conditional("DEBUG")]
    internal void AssertInvariants()
    {
        Node? last = Atomic.Read(ref _last.Value);
        Node? node = _stub.Value;
        Debug.Assert(last is not null && node is not null, "M1: both ends are always there.");
        while (node is not null && !ReferenceEquals(node, last))
        {
            // A null here is a gap (M3): whoever made it will close it.
            node = Atomic.Read(ref node.Next);
        }
    }

    // Full fence: the item is visible before the node is. From here to the link is the gap of M3.
    private Node Announce(Node node) => Atomic.Exchange(ref _last.Value, node)!;

    // Pairs with the consumer's reads of Next in TryDequeue and WaitForLink.
    private static void Link(Node before, Node node) => Atomic.Write(ref before.Next, node);

    // A producer that runs needs a few instructions for its link.
    private Node? WaitForLink(Node stub)
    {
        for (int spin = 0; spin < SpinLimits.ControlLink && !ReferenceEquals(stub, Atomic.Read(ref _last.Value)); spin++)
        {
            if (Atomic.Read(ref stub.Next) is { } next)
            {
                return next;
            }

            Atomic.Pause();
        }

        return null;
    }

    private sealed class Node(T value)
    {
        internal T Value = value;
        internal Node? Next;
    }
}
