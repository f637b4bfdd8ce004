using Qi.Actors.Platform;

namespace Qi.Actors;

/// <summary>How an actor is run. Immutable; share one among many actors.</summary>
public sealed record ActorOptions
{
    private readonly Priority _priority = Priority.Normal;
    private readonly MailboxOptions _mailbox = MailboxOptions.Unbounded;
    private ActorKind? _kind;

    /// <summary>Normal priority, an unbounded mailbox, not reentrant.</summary>
    public static ActorOptions Default { get; } = new();

    /// <summary>The actor's lane. Default <see cref="Qi.Actors.Priority.Normal"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">On init: none of the four.</exception>
    public Priority Priority
    {
        get => _priority;
        init => _priority = PriorityCheck.Require(value, nameof(Priority));
    }

    /// <summary>The actor's mailbox. Default <see cref="MailboxOptions.Unbounded"/>.</summary>
    public MailboxOptions Mailbox
    {
        get => _mailbox;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _mailbox = value;
        }
    }

    /// <summary>
    /// True if an asynchronous handler does not hold the mailbox while it awaits: the next message is handled meanwhile, still never
    /// two at the same instant. Default false.
    /// </summary>
    public bool IsReentrant { get; init; }

    /// <summary>What actors with these options share; made once for each system.</summary>
    internal ActorKind KindIn(ActorSystem system)
    {
        var kind = Atomic.Read(ref _kind);
        if (kind is not null && kind.System == system && ReferenceEquals(kind.Options, this))
            return kind; // A copy made by a with-expression brings the kind of its original along.
        kind = new ActorKind(system, this);
        Atomic.Write(ref _kind, kind);
        return kind;
    }

    /// <summary>Compares what is set, not what is cached.</summary>
    public bool Equals(ActorOptions? other)
        => other is not null && Priority == other.Priority && Mailbox == other.Mailbox && IsReentrant == other.IsReentrant;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Priority, Mailbox, IsReentrant);
}

/// <summary>What all actors of one kind in one system share, so that each holds one reference.</summary>
internal sealed class ActorKind(ActorSystem system, ActorOptions options)
{
    public readonly ActorSystem System = system;
    public readonly Scheduling.DispatcherPool Pool = system.Pool;
    public readonly ActorOptions Options = options;
    public readonly int TurnBudgetMessages = system.Pool.Settings.TurnBudgetMessages;
    public readonly long TurnBudgetNs = system.Pool.Settings.TurnBudgetNs;
}
