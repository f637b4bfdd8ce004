// Those who wait for room in a bounded mailbox: senders, postponed dataflow offers, and channel writers that only ask.

using System.Threading.Tasks.Dataflow;

using Qi.Actors.Scheduling;

namespace Qi.Actors.Mailboxes;

/// <summary>Somebody who waits for room in a mailbox.</summary>
internal abstract class RoomWaiter<T>
{
    /// <summary>Its place in line; null when not in line. Under the queue's lock.</summary>
    internal LinkedListNode<RoomWaiter<T>>? Place;

    /// <summary>There is room: fetches the message. False if it is not to be had any more. Owner.</summary>
    public abstract bool TryTake(out T message);

    /// <summary>The message is in the mailbox.</summary>
    public abstract void Accepted();

    /// <summary>The mailbox has closed.</summary>
    public abstract void Refused();
}

/// <summary>A dataflow offer that was postponed. The target is the block that the source knows, which counts its messages by it.</summary>
internal sealed class PostponedOffer<T>(DataflowMessageHeader header, ISourceBlock<T> source, ITargetBlock<T> target) : RoomWaiter<T>
{
    public DataflowMessageHeader Header { get; set; } = header;

    public ISourceBlock<T> Source => source;

    public ITargetBlock<T> Target => target;

    public override bool TryTake(out T message)
    {
        message = source.ConsumeMessage(Header, target, out bool isConsumed)!;
        return isConsumed;
    }

    public override void Accepted()
    {
    }

    // Reserve and release: so the source learns that it may offer the message to others.
    public override void Refused()
    {
        if (source.ReserveMessage(Header, target))
            source.ReleaseReservation(Header, target);
    }
}

/// <summary>A SendAsync that waits.</summary>
internal sealed class PendingSend<T>(T message, RoomQueue<T> room) : RoomWaiter<T>
{
    private readonly TaskCompletionSource<bool> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _registration;

    public Task<bool> Task => _source.Task;

    /// <summary>From now on a cancel takes the sender out of the line.</summary>
    public void Observe(CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
            return;
        _registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var send = (PendingSend<T>)state!;
                if (send.TryLeave())
                    send._source.TrySetCanceled(token);
            },
            this);
        if (_source.Task.IsCompleted)
            _registration.Dispose();
    }

    public override bool TryTake(out T taken)
    {
        taken = message;
        return true;
    }

    public override void Accepted()
    {
        _registration.Dispose();
        _source.TrySetResult(true);
    }

    public override void Refused()
    {
        _registration.Dispose();
        _source.TrySetResult(false);
    }

    private bool TryLeave() => room.TryLeave(this);
}

/// <summary>Somebody who wants to know when there is room, without a message.</summary>
internal sealed class RoomProbe<T>(RoomQueue<T> room) : RoomWaiter<T>
{
    private readonly TaskCompletionSource<bool> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _source.Task.WaitAsync(cancellationToken).ConfigureAwait(PoolDriver.IsHere);
        }
        catch (OperationCanceledException)
        {
            room.TryLeave(this);
            throw;
        }
    }

    // It brings no message: its place goes to the next in line, and it is told.
    public override bool TryTake(out T message)
    {
        message = default!;
        _source.TrySetResult(true);
        return false;
    }

    public override void Accepted()
    {
    }

    public override void Refused() => _source.TrySetResult(false);
}
