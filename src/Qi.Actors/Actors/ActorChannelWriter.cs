using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>A channel writer over an actor's ref.</summary>
internal sealed class ActorChannelWriter<TMessage>(ActorRef<TMessage> actor) : ChannelWriter<TMessage>
{
    public override bool TryWrite(TMessage item) => actor.TryTell(item) is TellStatus.Accepted or TellStatus.Dropped;

    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
        => cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<bool>(cancellationToken)
            : actor.WaitForRoomAsync(cancellationToken);

    public override async ValueTask WriteAsync(TMessage item, CancellationToken cancellationToken = default)
    {
        if (!await actor.SendAsync(item, cancellationToken).ConfigureAwait(PoolDriver.IsHere))
            throw new ChannelClosedException($"{actor.Path} has stopped or refused the message.");
    }

    public override bool TryComplete(Exception? error = null)
    {
        if (actor.Completion.IsCompleted)
            return false;
        if (error is null)
            actor.Complete();
        else
            actor.Fault(error);
        return true;
    }
}

/// <summary>A channel reader over a dataflow source, such as an actor's output.</summary>
internal sealed class SourceChannelReader<TOutput>(IReceivableSourceBlock<TOutput> source) : ChannelReader<TOutput>
{
    public override Task Completion => source.Completion;

    public override bool TryRead(out TOutput item) => source.TryReceive(null, out item!);

    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        if (await source.OutputAvailableAsync(cancellationToken).ConfigureAwait(PoolDriver.IsHere))
            return true;
        await source.Completion.WaitAsync(cancellationToken).ConfigureAwait(PoolDriver.IsHere); // a fault is the reader's to see
        return false;
    }
}
