namespace Qi.Actors;

/// <summary>An actor made of one delegate.</summary>
internal sealed class DelegateActor<TMessage>(Action<TMessage> receive) : Actor<TMessage>
{
    protected override void Receive(TMessage message) => receive(message);
}

/// <summary>An actor made of one asynchronous delegate.</summary>
internal sealed class AsyncDelegateActor<TMessage>(Func<TMessage, ValueTask> receive) : AsyncActor<TMessage>
{
    protected override ValueTask ReceiveAsync(TMessage message) => receive(message);
}

/// <summary>An actor with an output made of one delegate: what it returns is emitted.</summary>
internal sealed class TransformActor<TMessage, TOutput>(Func<TMessage, TOutput> transform) : Actor<TMessage, TOutput>
{
    protected override void Receive(TMessage message) => Emit(transform(message));
}
