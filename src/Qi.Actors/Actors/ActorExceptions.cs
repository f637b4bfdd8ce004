namespace Qi.Actors;

/// <summary>An actor with this name lives already.</summary>
public sealed class DuplicateActorNameException : InvalidOperationException
{
    internal DuplicateActorNameException(ActorPath path)
        : base($"An actor lives at {path} already. Choose another name, or get that one with ActorSystem.Get.")
        => Path = path;

    /// <summary>The path that is taken.</summary>
    public ActorPath Path { get; }
}

/// <summary>No actor with this name lives, or it takes other messages.</summary>
public sealed class ActorNotFoundException : InvalidOperationException
{
    private ActorNotFoundException(string message, ActorPath path, Type wanted)
        : base(message)
    {
        Path = path;
        MessageType = wanted;
    }

    /// <summary>The path that was looked up.</summary>
    public ActorPath Path { get; }

    /// <summary>The message type that was asked for.</summary>
    public Type MessageType { get; }

    internal static ActorNotFoundException NotThere(ActorPath path, Type wanted, Type? found)
        => new(
            found is null
                ? $"No actor lives at {path}. Spawn it first, or use TryGet."
                : $"The actor at {path} takes {found.Name}, not {wanted.Name}. Ask for Get<{found.Name}>.",
            path,
            wanted);

    internal static ActorNotFoundException WithoutOutput(ActorPath path, Type message, Type output)
        => new(
            $"The actor at {path} has no output of {output.Name}. Derive it from Actor<{message.Name}, {output.Name}>, or get it without an output.",
            path,
            message);
}

/// <summary>An ask was not answered within its deadline. If the actor has failed, that failure is the inner exception.</summary>
public sealed class AskTimeoutException : TimeoutException
{
    internal AskTimeoutException(ActorPath path, Type messageType, TimeSpan timeout, bool hasStopped, Exception? failure)
        : base(
            $"{path} did not answer {messageType.Name} within {timeout.TotalMilliseconds:0.###} ms. "
            + (failure is not null
                ? $"It has failed meanwhile, with a {failure.GetType().Name}: {failure.Message}"
                : hasStopped
                    ? "It has stopped meanwhile: its Completion, and the log, say why."
                    : "Give AskAsync a longer timeout, or see why the actor is busy, waits for the asker, or does not call ReplyTo.Tell."),
            failure)
    {
        Path = path;
        MessageType = messageType;
        Timeout = timeout;
    }

    /// <summary>The actor that was asked.</summary>
    public ActorPath Path { get; }

    /// <summary>The type of the question.</summary>
    public Type MessageType { get; }

    /// <summary>The deadline that passed.</summary>
    public TimeSpan Timeout { get; }
}

/// <summary>The question was not taken: the actor has stopped, or its mailbox is full.</summary>
public sealed class AskRefusedException : InvalidOperationException
{
    internal AskRefusedException(ActorPath path, Type messageType, TellStatus status)
        : base(status == TellStatus.Stopped
            ? $"{path} has stopped and cannot answer {messageType.Name}. Watch its Completion, or look it up again."
            : $"The mailbox of {path} is full and did not take {messageType.Name}. Raise MailboxOptions.Bounded's capacity, or ask more slowly.")
    {
        Path = path;
        MessageType = messageType;
        Status = status;
    }

    /// <summary>The actor that was asked.</summary>
    public ActorPath Path { get; }

    /// <summary>The type of the question.</summary>
    public Type MessageType { get; }

    /// <summary>Why it was not taken.</summary>
    public TellStatus Status { get; }
}
