// The task-like types. Each is a box and the number of its use: a frame's box is reused, and the number tells a handle that
// has been used up from one that has not.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using Qi.Actors.Coroutines;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>A coroutine that is created and not yet started, returned by a method declared <c>async Coroutine</c>.</summary>
/// <remarks>
/// Await it in another coroutine to run it as part of that one, in the same turn; or give it to <c>Spawn</c> to run it on its
/// own. Do one of the two, once. <b>Cost</b>: an awaited coroutine reuses its frame; a spawned one is one allocation.
/// <b>Threads</b>: it may be spawned from any thread.
/// </remarks>
[AsyncMethodBuilder(typeof(CoroutineMethodBuilder))]
public readonly partial struct Coroutine : IEquatable<Coroutine>
{
    private readonly VoidCoroutineBox? _box;
    private readonly int _use;

    internal Coroutine(VoidCoroutineBox box)
    {
        _box = box;
        _use = box.Aux;
    }

    /// <summary>Starts the coroutine, or goes on with it, within the awaiting coroutine.</summary>
    public CoroutineAwaiter GetAwaiter() => new(Claim());

    /// <summary>True if both are the same use of the same coroutine.</summary>
    public bool Equals(Coroutine other) => _box == other._box && _use == other._use;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Coroutine other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _box is null ? 0 : RuntimeHelpers.GetHashCode(_box) + _use;

    /// <summary>True if both are the same use of the same coroutine.</summary>
    public static bool operator ==(Coroutine left, Coroutine right) => left.Equals(right);

    /// <summary>True if they differ.</summary>
    public static bool operator !=(Coroutine left, Coroutine right) => !left.Equals(right);

    internal VoidCoroutineBox Claim()
    {
        if (_box is null || _box.Aux != _use || !_box.IsCold)
            CoroutineErrors.ThrowUsed(_box is null);
        return _box;
    }
}

/// <summary>A coroutine with a result that is created and not yet started, returned by a method declared <c>async Coroutine&lt;T&gt;</c>.</summary>
/// <inheritdoc cref="Coroutine" path="/remarks"/>
[AsyncMethodBuilder(typeof(CoroutineMethodBuilder<>))]
public readonly struct Coroutine<T> : IEquatable<Coroutine<T>>
{
    private readonly CoroutineBox<T>? _box;
    private readonly int _use;

    internal Coroutine(CoroutineBox<T> box)
    {
        _box = box;
        _use = box.Aux;
    }

    /// <summary>Starts the coroutine, or goes on with it, within the awaiting coroutine.</summary>
    public CoroutineAwaiter<T> GetAwaiter() => new(Claim());

    /// <summary>True if both are the same use of the same coroutine.</summary>
    public bool Equals(Coroutine<T> other) => _box == other._box && _use == other._use;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Coroutine<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _box is null ? 0 : RuntimeHelpers.GetHashCode(_box) + _use;

    /// <summary>True if both are the same use of the same coroutine.</summary>
    public static bool operator ==(Coroutine<T> left, Coroutine<T> right) => left.Equals(right);

    /// <summary>True if they differ.</summary>
    public static bool operator !=(Coroutine<T> left, Coroutine<T> right) => !left.Equals(right);

    internal CoroutineBox<T> Claim()
    {
        if (_box is null || _box.Aux != _use || !_box.IsCold)
            CoroutineErrors.ThrowUsed(_box is null);
        return _box;
    }
}

/// <summary>Errors of wrong use.</summary>
internal static class CoroutineErrors
{
    [DoesNotReturn]
    public static void ThrowUsed(bool isDefault)
        => throw new InvalidOperationException(isDefault
            ? "This Coroutine is a default value: it stands for no coroutine. Call a method declared async Coroutine to create one."
            : "This Coroutine was awaited or spawned before. Each call of its method makes one use: await or spawn it once, and use the JoinHandle that Spawn returns to wait for it several times.");

    [DoesNotReturn]
    public static void ThrowNotRun()
        => throw new InvalidOperationException("The result of a Coroutine was asked for before it has run. Await it, or Spawn it and use the JoinHandle.");

    [DoesNotReturn]
    public static void ThrowNoCoroutine(string operation)
        => throw new InvalidOperationException($"{operation} was called outside of a coroutine. Await it directly in a method that returns Coroutine and runs as, or within, a spawned coroutine.");

    /// <summary>The system that runs the caller, or an error that names the operation.</summary>
    public static CoroutineHost RequireHost(string operation)
        => ThreadContext.Existing?.Dispatcher?.Pool.Owner as CoroutineHost
        ?? throw new InvalidOperationException($"{operation} was called outside of any actor or coroutine, so there is no system to run it. Use ActorSystem.Spawn.");

    /// <summary>The coroutine whose turn is in progress, or an error that names the operation.</summary>
    public static CoroutineBox RequireCurrent(string operation)
    {
        var current = ThreadContext.Existing?.Coroutine;
        if (current is null)
            ThrowNoCoroutine(operation);
        return Unsafe.As<CoroutineBox>(current);
    }
}
