using Qi.Actors.Mailboxes;

namespace Qi.Actors;

/// <summary>The pending asynchronous call of the actor has ended.</summary>
internal sealed class PendingDone : SystemMessage;

/// <summary>An asynchronous handler of a reentrant actor has ended.</summary>
internal sealed class InFlightDone<TMessage>(ValueTask task, TMessage? message) : SystemMessage
{
    public ValueTask Task => task;

    public TMessage? Message => message;
}

/// <summary>What follows an await in a handler.</summary>
internal sealed class Continuation(SendOrPostCallback callback, object? state) : SystemMessage
{
    public SendOrPostCallback Callback => callback;

    public object? State => state;
}
