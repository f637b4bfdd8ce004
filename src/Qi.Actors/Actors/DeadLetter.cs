using Qi.Actors.Platform;

namespace Qi.Actors;

/// <summary>Why a message became a dead letter.</summary>
public enum DeadLetterReason
{
    /// <summary>The actor had stopped, or stopped before it came to the message.</summary>
    Stopped,

    /// <summary>The mailbox was full and refused it.</summary>
    MailboxFull,

    /// <summary>The mailbox was full and dropped it.</summary>
    Dropped,

    /// <summary>A reply came after the asker's deadline, or came twice.</summary>
    LateReply,
}

/// <summary>A message that nobody will handle.</summary>
/// <param name="Path">The actor it was for; for a reply, the path is <c>/</c>.</param>
/// <param name="Message">The message.</param>
/// <param name="Reason">Why.</param>
public readonly record struct DeadLetter(ActorPath Path, object? Message, DeadLetterReason Reason);

/// <summary>The messages that nobody will handle: counted always, observable on demand.</summary>
/// <remarks><b>Threads</b>: any. <b>Cost</b>: a counter when nobody observes.</remarks>
public sealed class DeadLetters
{
    private long _count;
    private Action<DeadLetter>? _observers;

    internal DeadLetters()
    {
    }

    /// <summary>Raised for every dead letter, on the thread that found it. Must be quick; exceptions are ignored.</summary>
    public event Action<DeadLetter> Observed
    {
        add
        {
            ArgumentNullException.ThrowIfNull(value);
            Update(observers => observers + value);
        }

        remove => Update(observers => observers - value);
    }

    /// <summary>How many there were.</summary>
    public long Count => Atomic.Read(ref _count);

    internal bool IsObserved => Atomic.Read(ref _observers) is not null;

    internal void Add(ActorPath path, object? message, DeadLetterReason reason)
    {
        Atomic.Add(ref _count, 1);
        var observers = Atomic.Read(ref _observers);
        if (observers is null)
            return;
        foreach (var observer in observers.GetInvocationList())
        {
            try
            {
                ((Action<DeadLetter>)observer)(new DeadLetter(path, message, reason));
            }
            catch (Exception)
            {
                // An observer of lost messages must not be able to lose more of them.
            }
        }
    }

    private void Update(Func<Action<DeadLetter>?, Action<DeadLetter>?> change)
    {
        var seen = Atomic.Read(ref _observers);
        while (true)
        {
            var before = Atomic.CompareExchange(ref _observers, change(seen), seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
