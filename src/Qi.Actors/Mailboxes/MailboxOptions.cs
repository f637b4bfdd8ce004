namespace Qi.Actors;

/// <summary>What a bounded mailbox does with a message that does not fit.</summary>
public enum MailboxFullMode
{
    /// <summary>Backpressure: <c>SendAsync</c> waits for room, dataflow offers are postponed, <c>Tell</c> returns <see cref="TellStatus.Full"/>.</summary>
    Wait,

    /// <summary>The new message is refused: <see cref="TellStatus.Full"/>, or a declined offer.</summary>
    Reject,

    /// <summary>The new message is accepted and dropped: <see cref="TellStatus.Dropped"/>; it becomes a dead letter.</summary>
    DropNewest,

    /// <summary>The oldest waiting message is dropped to make room; it becomes a dead letter.</summary>
    DropOldest,
}

/// <summary>What became of a message.</summary>
public enum TellStatus
{
    /// <summary>It is in the mailbox.</summary>
    Accepted,

    /// <summary>The mailbox is full: it was not taken, and became a dead letter. Use <c>SendAsync</c> to wait for room.</summary>
    Full,

    /// <summary>The mailbox is full and drops what is newest: it became a dead letter.</summary>
    Dropped,

    /// <summary>The actor has stopped, or is stopping: it became a dead letter.</summary>
    Stopped,
}

/// <summary>The kind of an actor's mailbox. Immutable; share one among many actors.</summary>
public sealed class MailboxOptions
{
    private MailboxOptions(int capacity, MailboxFullMode fullMode, Delegate? prioritySelector)
    {
        Capacity = capacity;
        FullMode = fullMode;
        PrioritySelector = prioritySelector;
    }

    /// <summary>No limit, first in first out: the default, and the fastest.</summary>
    public static MailboxOptions Unbounded { get; } = new(0, MailboxFullMode.Wait, null);

    /// <summary>The largest number of waiting messages; 0 for no limit.</summary>
    public int Capacity { get; }

    /// <summary>What happens to a message that does not fit.</summary>
    public MailboxFullMode FullMode { get; }

    internal Delegate? PrioritySelector { get; }

    internal bool IsPlain => Capacity == 0 && PrioritySelector is null;

    /// <summary>First in first out with a limit.</summary>
    /// <param name="capacity">From 1 up. <b>Units</b>: messages that wait; the one being handled does not count.</param>
    /// <param name="fullMode">What happens to a message that does not fit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1, or the mode is none of the named ones.</exception>
    public static MailboxOptions Bounded(int capacity, MailboxFullMode fullMode = MailboxFullMode.Wait)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        if (!Enum.IsDefined(fullMode))
            throw new ArgumentOutOfRangeException(nameof(fullMode), fullMode, "Use one of Wait, Reject, DropNewest and DropOldest.");
        return new MailboxOptions(capacity, fullMode, null);
    }

    /// <summary>Most urgent first: the message with the highest number from <paramref name="selector"/>; equals keep their order. No limit.</summary>
    /// <param name="selector">Called once for each message, on the sender's thread. It must be quick and must not throw.</param>
    public static MailboxOptions Prioritized<TMessage>(Func<TMessage, int> selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return new MailboxOptions(0, MailboxFullMode.Wait, selector);
    }
}
