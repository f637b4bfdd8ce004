using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.Collections;

/// <summary>A link of a mailbox's list, holding one message. Reused; owned by whoever has taken it from a magazine or a list.</summary>
internal abstract class MessageNode
{
    public MessageNode? Next;

    /// <summary>Null for a plain message; else what must be known to handle it: a marker, or what travels with the message.</summary>
    public object? Context;

    /// <summary>How many messages it holds, about. For reports only.</summary>
    public virtual int MessageCount => 1;

    /// <summary>The message as an object; boxes a value. For reports only.</summary>
    public abstract object? Boxed { get; }

    /// <summary>The type of a message that is held unboxed; null for a reference.</summary>
    public virtual Type? ValueType => null;

    /// <summary>Puts a message into a free node of its kind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MessageNode Rent<T>(T message, ReferenceMagazine nodes)
    {
        if (typeof(T).IsValueType)
        {
            var node = ValueMagazine<T>.Instance.Rent();
            Unsafe.As<ValueNode<T>>(node).Value = message;
            return node;
        }
        else
        {
            var node = nodes.Rent();
            Unsafe.As<ReferenceNode>(node).Payload = message;
            return node;
        }
    }

    /// <summary>Takes the message out of a node that was filled with the same <typeparamref name="T"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Take<T>(MessageNode node)
    {
        if (typeof(T).IsValueType)
        {
            var holder = Unsafe.As<ValueNode<T>>(node);
            T value = holder.Value!;
            if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
                holder.Value = default;
            return value;
        }
        else
        {
            var holder = Unsafe.As<ReferenceNode>(node);
            object? payload = holder.Payload;
            holder.Payload = null;
            return Unsafe.As<object?, T>(ref payload);
        }
    }

    /// <summary>The calling thread's magazine for messages of a type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Magazine MagazineOf<T>(ReferenceMagazine nodes) => typeof(T).IsValueType ? ValueMagazine<T>.Instance : nodes;

    /// <summary>Gives an emptied node back to the calling thread's magazine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return<T>(MessageNode node, ReferenceMagazine nodes)
    {
        if (typeof(T).IsValueType)
            ValueMagazine<T>.Instance.Return(node);
        else
            nodes.Return(node);
    }
}

/// <summary>Holds a message of a reference type.</summary>
internal sealed class ReferenceNode : MessageNode
{
    public object? Payload;

    public override object? Boxed => Payload;
}

/// <summary>Holds a message of a value type, unboxed.</summary>
internal sealed class ValueNode<T> : MessageNode
{
    public T? Value;

    public override object? Boxed => Value;

    public override Type? ValueType => typeof(T);
}
