// The default mailbox: an unbounded list of nodes, many senders, one owner, and the decision whom to wake, in one exchange.
//
//   _tail == null           idle: no message, no turn scheduled or running
//   _tail == s_start        primed: no message yet, the owner's first turn is scheduled or running
//   _tail == some node      the owner is scheduled, running or held; the node is the one enqueued last
//
// Send:   previous = Exchange(_tail, node). Null: this sender made the mailbox non-idle; it writes _head and schedules the
//         owner. Else it links previous.Next = node (release).
// Owner:  handles _head's message, and only then moves on: to Next if it is linked; else it tries CompareExchange(_tail, null,
//         node), which makes the mailbox idle. If that fails, a sender stands between its exchange and its link, and the
//         owner waits for the link.
//
// M1: between two idle moments exactly one sender sees null, so the owner is scheduled exactly once.
// M2: _head is written by that sender before it schedules, and by the owner during turns; never by both at once (M1).
// M3: a node is given back only after its Next was seen, or after the compare-exchange to null succeeded: no sender can
//     still link to it. So nodes can be reused without ABA: the tail is compared with the owner's own node only.
// M4: the order of exchanges is the order of messages; each sender's exchanges are in its program order.
// M5: the start mark is shared by all mailboxes and never linked or handled. Its mailbox has no first node (_head is null) until the
//     sender that replaces it, of which there is one, writes _head (release); the owner waits for that as for a link. So
//     an actor that was just spawned needs no node, and one that ends in its first turn never has one.
// M6: a stop does not enqueue anything while the mailbox is not idle: the stopper sets its flag (a full fence) and then looks at
//     the tail; the owner makes the tail null (a full fence) and then looks at the flag. One of them sees the other, and pokes.
// Ordering: the exchange is a full fence; the link's release pairs with the acquire in Next; _head travels with the run queue.
//
// Rejected: a stack with a compare-exchange loop (fan-in made senders retry, and every batch had to be turned round), a
// counter beside a queue (two atomic operations for each send), segments (an idle actor would need one, or the last message
// would have to free it under the senders' feet).
// Source: D. Vyukov, "Intrusive MPSC node-based queue", 1024cores, 2010; the tagged idle tail is that of Pony's runtime
// (S. Clebsch et al.), here with null as the tag.

using System.Diagnostics;
using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Mailboxes;

/// <summary>The unbounded mailbox, embedded in its actor's cell: two words, nothing else allocated while idle.</summary>
internal struct Mailbox
{
    private const int LingerRounds = 4;
    private const int LingerSpins = 8;

    private static readonly MessageNode s_start = new ReferenceNode();

    private MessageNode? _tail;
    private MessageNode? _head;

    /// <summary>True if no turn is scheduled or running and no message waits. Any thread.</summary>
    public readonly bool IsIdle => Atomic.Read(in _tail) is null;

    /// <summary>The node to handle next. Owner, during a turn.</summary>
    public readonly MessageNode First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _head!;
    }

    /// <summary>True if this is the link enqueued last. Any thread; a snapshot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsTail(MessageNode node) => Atomic.Read(in _tail) == node;

    /// <summary>Adds a message. Any thread. True if the mailbox was idle: the caller must schedule the owner.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Enqueue(MessageNode node)
    {
        var previous = Atomic.Exchange(ref _tail, node);
        if (previous is null)
        {
            _head = node;
            return true;
        }

        if (previous == s_start)
            Atomic.Write(ref _head, node); // M5
        else
            Atomic.Write(ref previous.Next, node);
        return false;
    }

    /// <summary>Makes a new mailbox non-idle, before anyone else knows it: the caller schedules the owner.</summary>
    public void Prime()
    {
        Debug.Assert(_tail is null, "Only a mailbox that nobody knows can be primed.");
        Atomic.Write(ref _tail, s_start);
    }

    /// <summary>True if nothing was ever enqueued into this primed mailbox. Owner; senders may prove it wrong at once.</summary>
    public readonly bool IsUntouched => Atomic.Read(in _tail) == s_start;

    /// <summary>
    /// The owner of a primed mailbox has nothing to do. Idle: the mailbox belongs to the senders and must not be touched. Next: there
    /// is a first node. Gap: its sender has not linked it yet.
    /// </summary>
    public Advance TryLeaveStart()
    {
        if (_head is null && Atomic.CompareExchange(ref _tail, null, s_start) == s_start)
            return Advance.Idle;
        return WaitForLink(ref _head, out _);
    }

    /// <summary>Gives a primed mailbox its first node: this one, if no sender was faster. False in a gap: try again in a later turn.</summary>
    /// <param name="node">The node to enqueue; the caller keeps it unless <paramref name="isUsed"/>.</param>
    /// <param name="isUsed">True if it was enqueued.</param>
    public bool TryReplaceStart(MessageNode node, out bool isUsed)
    {
        isUsed = _head is null && Atomic.CompareExchange(ref _tail, node, s_start) == s_start;
        if (isUsed)
            _head = node;
        return isUsed || WaitForLink(ref _head, out _) == Advance.Next;
    }

    /// <summary>
    /// The owner has handled <paramref name="node"/>, the first. On Next, <paramref name="next"/> is the one to handle now. On Idle
    /// the mailbox belongs to the senders again and the owner must not touch it. On Gap the next sender has not linked yet.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Advance TryAdvance(MessageNode node, out MessageNode? next)
    {
        next = Atomic.Read(ref node.Next);
        if (next is not null)
            return Advance.Next;
        return Atomic.CompareExchange(ref _tail, null, node) == node ? Advance.Idle : WaitForLink(ref node.Next, out next);
    }

    /// <summary>
    /// The owner has caught up with busy senders: it waits for a moment, so that they get ahead. Taking each message while its sender
    /// still writes the next one would make their cores fight for every cache line, and going idle would make a sender schedule the owner.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Linger(MessageNode node)
    {
        for (int i = 0; i < LingerRounds && Atomic.Read(ref node.Next) is null; i++)
            Thread.SpinWait(LingerSpins);
    }

    /// <summary>True if no message follows this node, the first. Owner; senders may prove it wrong at once.</summary>
    public readonly bool IsLast(MessageNode node) => Atomic.Read(ref node.Next) is null && Atomic.Read(in _tail) == node;

    /// <summary>The owner's turn ends with <paramref name="node"/> still to be handled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetFirst(MessageNode node) => _head = node;

    /// <summary>
    /// How many messages are linked from the first, about. Any thread, for reports: a mailbox that is being worked on can only be
    /// guessed, and the walk ends after a million links.
    /// </summary>
    public readonly int CountAbout()
    {
        int count = 0;
        int links = 0;
        for (var node = _head; node is not null && links < 1_000_000; node = Atomic.Read(ref node.Next), links++)
            count += node.Context is null ? node.MessageCount : 0;
        return count;
    }

    // The sender needs a few instructions; if it has lost its core in between, the owner's turn ends instead of burning its own.
    private static Advance WaitForLink(ref MessageNode? link, out MessageNode? next)
    {
        for (int i = 0; i < SpinLimits.MailboxLink; i++)
        {
            next = Atomic.Read(ref link);
            if (next is not null)
                return Advance.Next;
            Atomic.Pause();
        }

        next = null;
        return Advance.Gap;
    }
}

/// <summary>What follows a handled message.</summary>
internal enum Advance
{
    /// <summary>Another message.</summary>
    Next,

    /// <summary>Nothing: the mailbox is idle.</summary>
    Idle,

    /// <summary>A message whose sender has not linked it yet.</summary>
    Gap,
}
