// Actors that produce: their output is a stock BufferBlock, which knows all of the source side of the offering protocol.

using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors;

/// <summary>A synchronous actor with an output that other blocks can be linked to.</summary>
/// <typeparam name="TMessage">The type of its messages.</typeparam>
/// <typeparam name="TOutput">The type of what it emits.</typeparam>
public abstract class Actor<TMessage, TOutput> : Actor<TMessage>, IOutputActor<TMessage, TOutput>
{
    private readonly OutputPort<TOutput> _port = new();

    /// <summary>The most items that may wait in the output; unbounded by default. Read once, at spawn.</summary>
    protected virtual int OutputCapacity => DataflowBlockOptions.Unbounded;

    OutputPort<TOutput> IOutputActor<TMessage, TOutput>.Port => _port;

    /// <summary>Offers an item to whatever is linked, through the output's buffer.</summary>
    /// <returns>False if the output is bounded and full: the item was not taken.</returns>
    protected bool Emit(TOutput item) => _port.Block.Post(item);

    internal override ActorCell<TMessage> CreateCell(ActorKind kind, string? name)
    {
        _port.Open(kind, OutputCapacity);
        return base.CreateCell(kind, name);
    }

    internal override void Ended(Exception? failure) => _port.Close(failure);
}

/// <summary>An asynchronous actor with an output that other blocks can be linked to.</summary>
/// <inheritdoc cref="Actor{TMessage, TOutput}"/>
public abstract class AsyncActor<TMessage, TOutput> : AsyncActor<TMessage>, IOutputActor<TMessage, TOutput>
{
    private readonly OutputPort<TOutput> _port = new();

    /// <summary>The most items that may wait in the output; unbounded by default. Read once, at spawn.</summary>
    protected virtual int OutputCapacity => DataflowBlockOptions.Unbounded;

    OutputPort<TOutput> IOutputActor<TMessage, TOutput>.Port => _port;

    /// <summary>Offers an item to whatever is linked, through the output's buffer.</summary>
    /// <returns>False if the output is bounded and full: the item was not taken.</returns>
    protected bool Emit(TOutput item) => _port.Block.Post(item);

    /// <summary>The same, waiting for room in a bounded output: backpressure reaches the actor's mailbox.</summary>
    /// <returns>False if the output has completed.</returns>
    protected Task<bool> EmitAsync(TOutput item, CancellationToken cancellationToken = default)
        => _port.Block.SendAsync(item, cancellationToken);

    internal override ActorCell<TMessage> CreateCell(ActorKind kind, string? name)
    {
        _port.Open(kind, OutputCapacity);
        return base.CreateCell(kind, name);
    }

    internal override void Ended(Exception? failure) => _port.Close(failure);
}

/// <summary>An actor with an output, as its spawner sees it.</summary>
internal interface IOutputActor<TMessage, TOutput>
{
    OutputPort<TOutput> Port { get; }
}

/// <summary>The output of an actor.</summary>
internal sealed class OutputPort<TOutput>
{
    private BufferBlock<TOutput>? _block;

    public BufferBlock<TOutput> Block
        => _block ?? throw new InvalidOperationException("The actor is not spawned yet: emit from the started hook on, not in the constructor.");

    public void Open(ActorKind kind, int capacity)
        => _block = new BufferBlock<TOutput>(new DataflowBlockOptions { BoundedCapacity = capacity, TaskScheduler = kind.Pool.TaskScheduler });

    public void Close(Exception? failure)
    {
        if (failure is null)
            Block.Complete();
        else
            ((IDataflowBlock)Block).Fault(failure);
    }
}

/// <summary>The address of an actor with an output: a propagator block that links into dataflow networks on both sides.</summary>
/// <remarks><b>Threads</b>: any. <see cref="Completion"/> ends when the actor has stopped and its output was taken.</remarks>
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "It is an address.")]
public sealed class ActorRef<TMessage, TOutput> : IPropagatorBlock<TMessage, TOutput>, IReceivableSourceBlock<TOutput>
{
    private readonly BufferBlock<TOutput> _output;

    internal ActorRef(ActorRef<TMessage> input, OutputPort<TOutput> port)
    {
        Input = input;
        _output = port.Block;
    }

    /// <summary>The actor itself: tell it, ask it, stop it.</summary>
    public ActorRef<TMessage> Input { get; }

    /// <summary>Items that wait in the output.</summary>
    public int OutputCount => _output.Count;

    /// <summary>Ends when the actor has stopped and its output was taken; faulted as the actor was.</summary>
    public Task Completion => _output.Completion;

    /// <inheritdoc cref="ActorRef{TMessage}.Tell"/>
    public TellStatus Tell(TMessage message) => Input.Tell(message);

    /// <inheritdoc cref="ActorRef{TMessage}.SendAsync"/>
    public ValueTask<bool> SendAsync(TMessage message, CancellationToken cancellationToken = default)
        => Input.SendAsync(message, cancellationToken);

    /// <inheritdoc/>
    public void Complete() => Input.Complete();

    /// <inheritdoc/>
    public void Fault(Exception exception) => Input.Fault(exception);

    /// <summary>Links the output to a target.</summary>
    public IDisposable LinkTo(ITargetBlock<TOutput> target, DataflowLinkOptions linkOptions) => _output.LinkTo(target, linkOptions);

    /// <inheritdoc/>
    public bool TryReceive(Predicate<TOutput>? filter, [MaybeNullWhen(false)] out TOutput item) => _output.TryReceive(filter, out item);

    /// <inheritdoc/>
    public bool TryReceiveAll([NotNullWhen(true)] out IList<TOutput>? items) => _output.TryReceiveAll(out items);

    /// <summary>A channel reader over the output.</summary>
    public ChannelReader<TOutput> AsChannelReader() => new SourceChannelReader<TOutput>(this);

    /// <summary>The actor's own address.</summary>
    public static implicit operator ActorRef<TMessage>(ActorRef<TMessage, TOutput> propagator)
    {
        ArgumentNullException.ThrowIfNull(propagator);
        return propagator.Input;
    }

    /// <summary>The actor's own address.</summary>
    public ActorRef<TMessage> ToActorRef() => Input;

    DataflowMessageStatus ITargetBlock<TMessage>.OfferMessage(
        DataflowMessageHeader messageHeader,
        TMessage messageValue,
        ISourceBlock<TMessage>? source,
        bool consumeToAccept)
        => Input.OfferAs(messageHeader, messageValue, source, consumeToAccept, this);

    TOutput? ISourceBlock<TOutput>.ConsumeMessage(DataflowMessageHeader messageHeader, ITargetBlock<TOutput> target, out bool messageConsumed)
        => ((ISourceBlock<TOutput>)_output).ConsumeMessage(messageHeader, target, out messageConsumed);

    bool ISourceBlock<TOutput>.ReserveMessage(DataflowMessageHeader messageHeader, ITargetBlock<TOutput> target)
        => ((ISourceBlock<TOutput>)_output).ReserveMessage(messageHeader, target);

    void ISourceBlock<TOutput>.ReleaseReservation(DataflowMessageHeader messageHeader, ITargetBlock<TOutput> target)
        => ((ISourceBlock<TOutput>)_output).ReleaseReservation(messageHeader, target);
}
