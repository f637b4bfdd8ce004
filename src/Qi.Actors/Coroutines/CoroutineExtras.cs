using Qi.Actors.Platform;

namespace Qi.Actors.Coroutines;

/// <summary>What most coroutines never need, made when first used.</summary>
internal sealed class CoroutineExtras : CoroutineHome
{
    /// <summary>Root: the context to resume with. Child frame: its caller's, to go back to. Null means the default.</summary>
    public ExecutionContext? Context;

    /// <summary>The failure of an ended root that had no joiner.</summary>
    public UnobservedFailure? Unobserved;

    /// <summary>The bridge for awaits of other task types. Owner only.</summary>
    public ForeignWake? Foreign;

    /// <summary>Messages; made by the first sender or the first receive that must wait.</summary>
    public Inbox? Inbox;

    private CancellationTokenSource? _cancellation;

    /// <summary>The source behind the coroutine's token, if anyone asked for it.</summary>
    public CancellationTokenSource? Cancellation => Atomic.Read(ref _cancellation);

    /// <summary>The source behind the coroutine's token, made now if need be. Any thread.</summary>
    public CancellationTokenSource EnsureCancellation()
    {
        var source = Atomic.Read(ref _cancellation);
        if (source is not null)
            return source;
        source = new CancellationTokenSource();
        return Atomic.CompareExchange(ref _cancellation, source, null) ?? source;
    }

    /// <summary>The inbox, made now if need be. Any thread.</summary>
    public Inbox EnsureInbox()
    {
        var inbox = Atomic.Read(ref Inbox);
        if (inbox is not null)
            return inbox;
        inbox = new Inbox();
        return Atomic.CompareExchange(ref Inbox, inbox, null) ?? inbox;
    }
}
