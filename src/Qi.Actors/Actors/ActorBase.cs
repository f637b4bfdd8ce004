// The user's side of an actor: what a class derives from. The runtime's side is the cell.
//
// HasSystemMessages is written by any thread and read by the owner before each message. It lives here and not in the cell
// because the cell's line is the one that senders fight for: this one stays in the owner's cache. Life is the owner's alone and
// stands beside it for the same reason, and because plain stores are enough for it there.

using Qi.Actors.Platform;

namespace Qi.Actors;

/// <summary>The base of all actors, whatever their messages. Derive from <see cref="Actor{TMessage}"/> or <see cref="AsyncActor{TMessage}"/>.</summary>
public abstract class ActorBase
{
    private protected ActorBase()
    {
    }

    /// <summary>Spawns this actor, for code that does not know its message type. Returns its ref's completion.</summary>
    internal abstract Task StartIn(ActorSystem system, string? name, ActorOptions options);
}

/// <summary>The base of all actors of one message type. Derive from <see cref="Actor{TMessage}"/> or <see cref="AsyncActor{TMessage}"/>.</summary>
/// <remarks><b>Threads</b>: everything here is for the actor's own handlers.</remarks>
public abstract class ActorBase<TMessage> : ActorBase
{
    private ActorCell<TMessage>? _cell;
    private bool _hasSystemMessages;

    /// <summary>How far the actor's life has come. Owner.</summary>
    internal LifeMarks Life = LifeMarks.NotStarted | LifeMarks.Fresh;

    private protected ActorBase()
    {
    }

    /// <summary>The actor's own address. Available from the started hook on.</summary>
    /// <exception cref="InvalidOperationException">Used in the constructor.</exception>
    protected ActorRef<TMessage> Self => Cell;

    /// <summary>The system the actor lives in.</summary>
    /// <exception cref="InvalidOperationException">Used in the constructor.</exception>
    protected ActorSystem System => Cell.System;

    /// <summary>Cancelled when the actor is told to stop at once.</summary>
    protected CancellationToken StoppingToken => Cell.StoppingToken;

    internal ActorCell<TMessage> Cell
        => _cell ?? throw new InvalidOperationException($"{GetType().Name} is not spawned yet: use Self, System and StoppingToken from the started hook on, not in the constructor.");

    internal bool HasSystemMessages => Atomic.Read(ref _hasSystemMessages);

    internal bool IsAttached => _cell is not null;

    internal sealed override Task StartIn(ActorSystem system, string? name, ActorOptions options)
        => system.Start(this, name, options).Completion;

    internal abstract ActorCell<TMessage> CreateCell(ActorKind kind, string? name);

    internal abstract ValueTask Started();

    internal abstract ValueTask Stopping();

    internal abstract ValueTask Stopped();

    /// <summary>The actor has ended, with this failure or well.</summary>
    internal virtual void Ended(Exception? failure)
    {
    }

    internal void Attach(ActorCell<TMessage> cell) => _cell = cell;

    internal void NoteSystemMessage(bool value) => Atomic.Write(ref _hasSystemMessages, value);
}

/// <summary>An actor whose handler is synchronous: it handles one message at a time, and its state needs no locks.</summary>
/// <typeparam name="TMessage">The type of its messages; a base record with one derived record for each message is usual.</typeparam>
/// <remarks>
/// <b>Order</b>: messages from one sender are handled in the order they were sent. <b>Threads</b>: one at a time, on a dispatcher; which
/// one may change between messages.
/// </remarks>
public abstract class Actor<TMessage> : ActorBase<TMessage>
{
    /// <summary>Handles a message. An exception stops the actor, and is logged.</summary>
    protected abstract void Receive(TMessage message);

    /// <summary>Called once before the first message.</summary>
    protected virtual void OnStarted()
    {
    }

    /// <summary>Called once when a stop was asked for, before waiting messages are drained or given up.</summary>
    protected virtual void OnStopping()
    {
    }

    /// <summary>Called once after the last message.</summary>
    protected virtual void OnStopped()
    {
    }

    internal void Handle(TMessage message) => Receive(message);

    internal void StartedNow() => OnStarted();

    internal void StoppingNow() => OnStopping();

    internal void StoppedNow() => OnStopped();

    internal override ActorCell<TMessage> CreateCell(ActorKind kind, string? name) => new SyncActorCell<TMessage>(this, kind, name);

    internal sealed override ValueTask Started()
    {
        OnStarted();
        return default;
    }

    internal sealed override ValueTask Stopping()
    {
        OnStopping();
        return default;
    }

    internal sealed override ValueTask Stopped()
    {
        OnStopped();
        return default;
    }
}

/// <summary>An actor whose handler is asynchronous. What follows an await runs as a message to the actor's own turn.</summary>
/// <remarks>
/// While a handler awaits, the mailbox is held: the next message waits until the handler has ended, unless the actor is declared
/// reentrant (<see cref="ActorOptions.IsReentrant"/>). After <c>ConfigureAwait(false)</c> a handler is on its own: outside of the
/// actor's turn, it must not touch the actor's state.
/// </remarks>
/// <typeparam name="TMessage">The type of its messages.</typeparam>
public abstract class AsyncActor<TMessage> : ActorBase<TMessage>
{
    /// <summary>Handles a message. An exception stops the actor, and is logged.</summary>
    protected abstract ValueTask ReceiveAsync(TMessage message);

    /// <summary>Called once before the first message, which waits for it.</summary>
    protected virtual ValueTask OnStartedAsync() => default;

    /// <summary>Called once when a stop was asked for, before waiting messages are drained or given up.</summary>
    protected virtual ValueTask OnStoppingAsync() => default;

    /// <summary>Called once after the last message.</summary>
    protected virtual ValueTask OnStoppedAsync() => default;

    internal ValueTask Handle(TMessage message) => ReceiveAsync(message);

    internal override ActorCell<TMessage> CreateCell(ActorKind kind, string? name) => new AsyncActorCell<TMessage>(this, kind, name);

    internal sealed override ValueTask Started() => OnStartedAsync();

    internal sealed override ValueTask Stopping() => OnStoppingAsync();

    internal sealed override ValueTask Stopped() => OnStoppedAsync();
}
