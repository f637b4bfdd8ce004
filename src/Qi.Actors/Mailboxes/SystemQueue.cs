// System messages: stop, continuations of async handlers, started. They overtake user messages.
//
// A stack of messages, taken whole by the owner, and one marker. Held at the top means: the owner's turn has ended while its
// mailbox is not idle (an async handler is pending), and the next system message must schedule it.
//
// S1: Held is put by the owner only, by compare-exchange on an empty queue: it never covers a message.
// S2: whoever replaces Held, with a message or with nothing, schedules the owner; there is exactly one (its compare-exchange).
// S3: a pusher that finds the queue empty must make sure of a turn by a poke through the mailbox; one that finds messages need
//     not, for the first one does.
// S4: Next of a pushed message belongs to the queue until it has been taken.
// S5: an owner that has made its mailbox idle looks once more, and pokes if there is a message. A turn clears the note
//     (HasSystemMessages) by a plain store and then looks here: the store may take effect after that look, and wipe out the note of a
//     message pushed since, whose poke the turn then steps over. The exchange that makes the mailbox idle comes after the poke, so
//     after the push.

using Qi.Actors.Platform;

namespace Qi.Actors.Mailboxes;

/// <summary>A message of the runtime to an actor's cell.</summary>
internal abstract class SystemMessage
{
    internal SystemMessage? Next;
}

/// <summary>The system messages of one actor: one word.</summary>
internal struct SystemQueue
{
    private static readonly SystemMessage s_held = new Marker();

    private SystemMessage? _top;

    /// <summary>True if a message waits. Any thread.</summary>
    public readonly bool HasMessages => Atomic.Read(in _top) is { } top && top != s_held;

    /// <summary>Adds a message. Any thread.</summary>
    public Wakeup Push(SystemMessage message)
    {
        var top = Atomic.Read(ref _top);
        while (true)
        {
            message.Next = top == s_held ? null : top;
            var before = Atomic.CompareExchange(ref _top, message, top);
            if (before == top)
                return top is null ? Wakeup.Poke : top == s_held ? Wakeup.Schedule : Wakeup.None;
            top = before;
        }
    }

    /// <summary>Takes all messages, oldest first. Owner.</summary>
    public SystemMessage? TakeAll()
    {
        var top = Atomic.Read(ref _top);
        if (top is null || top == s_held)
            return null;
        var newest = Atomic.Exchange(ref _top, null);
        if (newest!.Next is null)
            return newest;
        SystemMessage? oldest = null;
        while (newest is not null)
        {
            var next = newest.Next;
            newest.Next = oldest;
            oldest = newest;
            newest = next;
        }

        return oldest;
    }

    /// <summary>The owner's turn ends while its mailbox is not idle. False if a message has come: it must be handled first.</summary>
    public bool TryHold() => Atomic.CompareExchange(ref _top, s_held, null) is null;

    /// <summary>Takes Held away, if it is there: the caller must schedule the owner, or is the owner and goes on.</summary>
    public bool TryWakeHeld() => Atomic.Read(ref _top) == s_held && Atomic.CompareExchange(ref _top, null, s_held) == s_held;

    private sealed class Marker : SystemMessage;
}

/// <summary>What the pusher of a system message must do.</summary>
internal enum Wakeup
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Enqueue a poke into the mailbox.</summary>
    Poke,

    /// <summary>Schedule the cell.</summary>
    Schedule,
}
