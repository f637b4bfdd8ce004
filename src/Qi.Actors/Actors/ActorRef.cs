// An actor's address. It is the cell itself, seen through this type: an idle actor is one cell and the user's object, and a
// separate façade would cost every actor 24 bytes. What the runtime does with it is in ActorCell.

using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>An actor's address: sends it messages, asks it, links dataflow blocks to it, stops it.</summary>
/// <typeparam name="TMessage">The type of the actor's messages.</typeparam>
/// <remarks>
/// It is a complete <see cref="ITargetBlock{TInput}"/>: any dataflow source links to it. <b>Threads</b>: any. It stays valid after the
/// actor has stopped: messages become dead letters then.
/// </remarks>
public abstract class ActorRef<TMessage> : RunItem, ITargetBlock<TMessage>, IAskTarget
{
    private protected ActorRef()
    {
    }

    /// <summary>Where the actor lives. An actor without a name is given one when this is first read.</summary>
    public abstract ActorPath Path { get; }

    /// <summary>The actor's lane.</summary>
    public Priority Priority => Lane;

    /// <summary>True once the actor has handled its last message.</summary>
    public abstract bool IsStopped { get; }

    /// <summary>True once the actor takes no message any more: it is about to stop, or has.</summary>
    internal virtual bool IsClosed => IsStopped;

    /// <summary>How many messages wait, in a mailbox that counts them (bounded or prioritized); null for the plain one.</summary>
    public abstract int? MailboxCount { get; }

    /// <summary>Ends when the actor has stopped; faulted if a handler threw or <see cref="Fault"/> was called.</summary>
    public abstract Task Completion { get; }

    /// <summary>Sends a message without waiting for anything. Never blocks, never throws for a full or stopped actor.</summary>
    /// <returns>What became of the message. Unless a mailbox is bounded or the actor stops, <see cref="TellStatus.Accepted"/>.</returns>
    /// <remarks><b>Order</b>: messages from one sender keep their order. <b>Cost</b>: one atomic operation, no allocation in steady state.</remarks>
    public abstract TellStatus Tell(TMessage message);

    /// <summary>Sends a message and, if the mailbox is bounded with <see cref="MailboxFullMode.Wait"/> and full, waits for room.</summary>
    /// <returns>True if the message is in the mailbox; false if the actor has stopped or refused it.</returns>
    /// <exception cref="OperationCanceledException">Cancelled while waiting: the message was not sent.</exception>
    public abstract ValueTask<bool> SendAsync(TMessage message, CancellationToken cancellationToken = default);

    /// <summary>Asks the actor and waits for its reply, 5 seconds at most.</summary>
    /// <inheritdoc cref="AskAsync{TReply}(Func{ReplyTo{TReply}, TMessage}, TimeSpan, CancellationToken)"/>
    public ValueTask<TReply> AskAsync<TReply>(Func<ReplyTo<TReply>, TMessage> question, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        return AskSlot<TReply>.Ask(this, new Question<TMessage, TReply>(question), AskDefaults.Timeout, cancellationToken);
    }

    /// <summary>Asks the actor and waits for its reply.</summary>
    /// <param name="question">Makes the message from the address for the reply. Called once, on the caller's thread.</param>
    /// <param name="timeout">How long to wait for the reply. More than zero. <b>Units</b>: honoured within a few milliseconds; never early.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <typeparam name="TReply">The type of the reply.</typeparam>
    /// <returns>The reply. Await it once.</returns>
    /// <remarks><b>Cost</b>: no allocation in steady state but for the message itself. A late reply becomes a dead letter.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is not positive.</exception>
    /// <exception cref="AskTimeoutException">On await: no reply in time.</exception>
    /// <exception cref="AskRefusedException">On await: the actor has stopped or its mailbox is full.</exception>
    /// <exception cref="OperationCanceledException">On await: cancelled.</exception>
    public ValueTask<TReply> AskAsync<TReply>(
        Func<ReplyTo<TReply>, TMessage> question,
        TimeSpan timeout,
        CancellationToken cancellationToken = default)
    {
        RequirePositive(timeout);
        ArgumentNullException.ThrowIfNull(question);
        return AskSlot<TReply>.Ask(this, new Question<TMessage, TReply>(question), timeout, cancellationToken);
    }

    /// <summary>Asks the actor with an argument for the question, so that it needs no closure; 5 seconds at most.</summary>
    /// <param name="state">Given to <paramref name="question"/>.</param>
    /// <param name="question">Makes the message from the argument and the address for the reply. Called once, on the caller's thread.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <inheritdoc cref="AskAsync{TReply}(Func{ReplyTo{TReply}, TMessage}, TimeSpan, CancellationToken)"/>
    public ValueTask<TReply> AskAsync<TState, TReply>(
        TState state,
        Func<TState, ReplyTo<TReply>, TMessage> question,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        return AskSlot<TReply>.Ask(this, new Question<TState, TMessage, TReply>(state, question), AskDefaults.Timeout, cancellationToken);
    }

    /// <summary>Asks the actor with an argument for the question, so that it needs no closure.</summary>
    /// <param name="state">Given to <paramref name="question"/>.</param>
    /// <param name="question">Makes the message from the argument and the address for the reply. Called once, on the caller's thread.</param>
    /// <param name="timeout">How long to wait for the reply. More than zero. <b>Units</b>: honoured within a few milliseconds; never early.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <inheritdoc cref="AskAsync{TReply}(Func{ReplyTo{TReply}, TMessage}, TimeSpan, CancellationToken)"/>
    public ValueTask<TReply> AskAsync<TState, TReply>(
        TState state,
        Func<TState, ReplyTo<TReply>, TMessage> question,
        TimeSpan timeout,
        CancellationToken cancellationToken = default)
    {
        RequirePositive(timeout);
        ArgumentNullException.ThrowIfNull(question);
        return AskSlot<TReply>.Ask(this, new Question<TState, TMessage, TReply>(state, question), timeout, cancellationToken);
    }

    /// <summary>Stops the actor.</summary>
    /// <param name="mode">Whether the messages that wait are still handled.</param>
    /// <param name="cancellationToken">Gives the wait up; the actor stops all the same.</param>
    /// <returns>Ends when the actor has stopped, whether well or by a failure.</returns>
    /// <exception cref="OperationCanceledException">On await: cancelled before the actor had stopped.</exception>
    public abstract Task StopAsync(StopMode mode = StopMode.Drain, CancellationToken cancellationToken = default);

    /// <summary>Takes no more messages; stops when those that wait are handled. As in dataflow.</summary>
    public abstract void Complete();

    /// <summary>Stops at once; <see cref="Completion"/> is faulted. As in dataflow.</summary>
    public abstract void Fault(Exception exception);

    /// <summary>A channel writer over this ref: writing waits for room, completing stops the actor after a drain.</summary>
    public ChannelWriter<TMessage> AsChannelWriter() => new ActorChannelWriter<TMessage>(this);

    /// <inheritdoc/>
    public override string ToString() => $"{Path} ({typeof(TMessage).Name})";

    DataflowMessageStatus ITargetBlock<TMessage>.OfferMessage(
        DataflowMessageHeader messageHeader,
        TMessage messageValue,
        ISourceBlock<TMessage>? source,
        bool consumeToAccept)
        => OfferAs(messageHeader, messageValue, source, consumeToAccept, this);

    Type IAskTarget.MessageType => typeof(TMessage);

    Exception? IAskTarget.Failure => NotedFailure;

    /// <summary>An offer to the block that the source knows as its target: this one, or a propagator in front of it.</summary>
    internal DataflowMessageStatus OfferAs(
        DataflowMessageHeader messageHeader,
        TMessage messageValue,
        ISourceBlock<TMessage>? source,
        bool consumeToAccept,
        ITargetBlock<TMessage> target)
    {
        if (!messageHeader.IsValid)
            throw new ArgumentException("The message header is not valid: its id must not be zero.", nameof(messageHeader));
        if (source is null && consumeToAccept)
            throw new ArgumentException("Only an offer with a source can be consumed: pass the source, or consumeToAccept: false.", nameof(consumeToAccept));
        return Offer(messageHeader, messageValue, source, consumeToAccept, target);
    }

    private static void RequirePositive(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "Give the actor a positive time to answer.");
    }

    internal abstract DataflowMessageStatus Offer(
        DataflowMessageHeader header,
        TMessage message,
        ISourceBlock<TMessage>? source,
        bool consumeToAccept,
        ITargetBlock<TMessage> target);

    internal abstract ActorSystem OwnerSystem { get; }

    /// <summary>What has failed the actor so far; null if nothing has.</summary>
    internal abstract Exception? NotedFailure { get; }

    internal abstract ValueTask<bool> WaitForRoomAsync(CancellationToken cancellationToken);

    internal abstract TellStatus TryTell(TMessage message);

    /// <summary>The same for a message whose sender is about to wait for the reply: no run is opened for it alone.</summary>
    internal abstract TellStatus TryTellQuestion(TMessage message, ThreadContext thread);
}

/// <summary>How an actor stops.</summary>
public enum StopMode
{
    /// <summary>The messages that wait are handled first; newer ones become dead letters.</summary>
    Drain,

    /// <summary>The message in progress is finished; those that wait become dead letters.</summary>
    Now,
}
