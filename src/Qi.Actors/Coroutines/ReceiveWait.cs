using Qi.Actors.Collections;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Coroutines;

/// <summary>Which messages a receive takes, and for how long it waits.</summary>
internal abstract class ReceiveWait
{
    public virtual bool IsTimedOut => false;

    public abstract bool Accepts(MessageNode node);

    public abstract bool AcceptsReference(object message);

    public abstract bool AcceptsValue(Type type);

    /// <summary>Starts the time-out, if there is one.</summary>
    public virtual void ArmTimeout(CoroutineBox root, int epoch)
    {
    }

    /// <summary>Stops the time-out, if there is one.</summary>
    public virtual void DisarmTimeout()
    {
    }
}

/// <summary>A receive of messages of one type, without a time-out. Stateless, so one object serves all.</summary>
internal class ReceiveWait<T> : ReceiveWait
{
    public static readonly ReceiveWait<T> Shared = new();

    public override bool Accepts(MessageNode node)
        => node is ValueNode<T>
        || node is ReferenceNode { Payload: T } // also a struct that its sender has boxed
        || (!typeof(T).IsValueType && node.ValueType is { } type && typeof(T).IsAssignableFrom(type));

    public override bool AcceptsReference(object message) => message is T;

    public override bool AcceptsValue(Type type) => type == typeof(T) || (!typeof(T).IsValueType && typeof(T).IsAssignableFrom(type));

    /// <summary>Takes the message out of a node that was accepted, and gives the node back.</summary>
    public static T Take(MessageNode node, ReferenceMagazine nodes)
    {
        if (typeof(T).IsValueType ? node is ValueNode<T> : node is ReferenceNode)
        {
            T message = MessageNode.Take<T>(node);
            MessageNode.Return<T>(node, nodes);
            return message;
        }

        return (T)node.Boxed!; // A struct received as what it is not, or sent so: boxed, because they asked for it.
    }
}

/// <summary>A receive with a time-out.</summary>
internal sealed class TimedReceiveWait<T>(TimeSpan timeout) : ReceiveWait<T>
{
    private readonly WakeTimer _timer = new();
    private bool _isArmed;
    private int _generation;

    public override bool IsTimedOut => _timer.HasFired(_generation);

    // A spurious turn waits again under a new epoch; the deadline stays that of the first.
    public override void ArmTimeout(CoroutineBox root, int epoch)
    {
        _timer.Retarget(root, epoch);
        if (_isArmed)
            return;
        _isArmed = true;
        _generation = _timer.NextGeneration;
        _timer.Arm(root.Host.Pool, timeout);
    }

    public override void DisarmTimeout() => _timer.TryCancel(_generation);
}
