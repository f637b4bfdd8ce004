using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Qi.Actors;

/// <summary>Where a reply goes: part of a message that asks for one.</summary>
/// <typeparam name="TReply">The type of the reply.</typeparam>
/// <remarks>
/// It is the pending ask's reply slot, or any actor that takes <typeparamref name="TReply"/> (a ref converts implicitly). <b>Threads</b>:
/// any. <b>Cost</b>: a reference and a number; no allocation.
/// </remarks>
public readonly struct ReplyTo<TReply> : IEquatable<ReplyTo<TReply>>
{
    private readonly object? _target;
    private readonly long _use;

    internal ReplyTo(AskSlot<TReply> slot, long use)
    {
        _target = slot;
        _use = use;
    }

    private ReplyTo(ActorRef<TReply> actor) => _target = actor;

    /// <summary>Sends the reply.</summary>
    /// <returns>
    /// False if nobody takes it any more: the asker's deadline has passed, it was answered before, or the actor has stopped. It became a
    /// dead letter then.
    /// </returns>
    /// <exception cref="InvalidOperationException">This is a default value.</exception>
    public bool Tell(TReply reply)
    {
        if (_target is AskSlot<TReply> slot)
            return slot.TryReply(_use, reply);
        if (_target is ActorRef<TReply> actor)
            return actor.Tell(reply) == TellStatus.Accepted;
        throw NoTarget();
    }

    /// <summary>Answers with a failure: the asker's await throws it.</summary>
    /// <returns>False if nobody waits for it any more, or the reply goes to an actor, which cannot take a failure.</returns>
    /// <exception cref="InvalidOperationException">This is a default value.</exception>
    public bool Fail(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        if (_target is AskSlot<TReply> slot)
            return slot.TryFail(_use, failure);
        return _target is null ? throw NoTarget() : false;
    }

    /// <summary>Replies go to an actor.</summary>
    public static ReplyTo<TReply> ToActor(ActorRef<TReply> actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        return new ReplyTo<TReply>(actor);
    }

    /// <summary>Replies go to an actor.</summary>
    public static implicit operator ReplyTo<TReply>(ActorRef<TReply> actor) => ToActor(actor);

    /// <summary>True if both lead to the same place.</summary>
    public bool Equals(ReplyTo<TReply> other) => _target == other._target && _use == other._use;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is ReplyTo<TReply> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _target is null ? 0 : RuntimeHelpers.GetHashCode(_target) + _use.GetHashCode();

    /// <summary>True if both lead to the same place.</summary>
    public static bool operator ==(ReplyTo<TReply> left, ReplyTo<TReply> right) => left.Equals(right);

    /// <summary>True if they differ.</summary>
    public static bool operator !=(ReplyTo<TReply> left, ReplyTo<TReply> right) => !left.Equals(right);

    private static InvalidOperationException NoTarget()
        => new($"This ReplyTo<{typeof(TReply).Name}> is a default value: it leads nowhere. Use the one that AskAsync gives, or an actor's ref.");
}
