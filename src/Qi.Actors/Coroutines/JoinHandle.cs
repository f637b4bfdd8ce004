using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using Qi.Actors.Coroutines;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>The address of a coroutine: for messages to it.</summary>
/// <remarks><b>Threads</b>: any. <b>Cost</b>: a reference; keeps the coroutine's box alive.</remarks>
public readonly struct CoroutineRef : IEquatable<CoroutineRef>
{
    private readonly CoroutineBox? _box;

    internal CoroutineRef(CoroutineBox box) => _box = box;

    /// <summary>What the coroutine is doing.</summary>
    public CoroutineState State => Box.State;

    /// <summary>The priority it was spawned with.</summary>
    public Priority Priority => Box.Lane;

    private CoroutineBox Box => _box ?? JoinHandle.ThrowDefault();

    /// <summary>Sends the resume message: ends a <see cref="Coroutine.SuspendAsync"/>, now or when it comes to one.</summary>
    public void Resume() => Box.Resume();

    /// <summary>Asks the coroutine to end: its current or next await throws <see cref="OperationCanceledException"/>, once.</summary>
    /// <returns>False if it has ended already.</returns>
    public bool Cancel() => Box.Cancel();

    /// <summary>Sends a message to the coroutine's mailbox, for <see cref="Coroutine.ReceiveAsync{T}()"/>.</summary>
    /// <returns>False if it has ended: the message is not delivered.</returns>
    /// <exception cref="ArgumentNullException">The message is null.</exception>
    public bool Tell<T>(T message)
    {
        if (message is null) // ThrowIfNull would box a struct
            throw new ArgumentNullException(nameof(message));
        return Box.Tell(message);
    }

    /// <summary>True if both name the same coroutine.</summary>
    public bool Equals(CoroutineRef other) => _box == other._box;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is CoroutineRef other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _box is null ? 0 : RuntimeHelpers.GetHashCode(_box);

    /// <summary>True if both name the same coroutine.</summary>
    public static bool operator ==(CoroutineRef left, CoroutineRef right) => left.Equals(right);

    /// <summary>True if they differ.</summary>
    public static bool operator !=(CoroutineRef left, CoroutineRef right) => !left.Equals(right);
}

/// <summary>A spawned coroutine: await it for its end, any number of times, from any async code.</summary>
/// <remarks><b>Threads</b>: any. <b>Cost</b>: awaiting an ended coroutine allocates nothing.</remarks>
public readonly struct JoinHandle : IEquatable<JoinHandle>
{
    private readonly CoroutineBox? _box;

    internal JoinHandle(CoroutineBox box) => _box = box;

    /// <summary>What the coroutine is doing.</summary>
    public CoroutineState State => Box.State;

    /// <summary>True if it has ended, in whatever way.</summary>
    public bool IsDone => Box.IsDone;

    /// <summary>The exception it ended with; null while it runs and after success.</summary>
    public Exception? Exception => Box.Exception;

    /// <summary>The coroutine's address.</summary>
    public CoroutineRef Ref => new(Box);

    internal CoroutineBox Box => _box ?? ThrowDefault();

    /// <inheritdoc cref="CoroutineRef.Cancel"/>
    public bool Cancel() => Box.Cancel();

    /// <inheritdoc cref="CoroutineRef.Resume"/>
    public void Resume() => Box.Resume();

    /// <inheritdoc cref="CoroutineRef.Tell{T}(T)"/>
    public bool Tell<T>(T message) => Ref.Tell(message);

    /// <summary>Waits for the end. Throws what the coroutine ended with; for a cancelled one <see cref="OperationCanceledException"/>.</summary>
    public JoinAwaiter GetAwaiter() => new(Box);

    /// <summary>A task that ends as the coroutine does.</summary>
    public async Task AsTask()
    {
        await Box.AsTask().ConfigureAwait(PoolDriver.IsHere);
        Box.ThrowIfUnsuccessful();
    }

    /// <summary>True if both name the same coroutine.</summary>
    public bool Equals(JoinHandle other) => _box == other._box;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is JoinHandle other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _box is null ? 0 : RuntimeHelpers.GetHashCode(_box);

    /// <summary>True if both name the same coroutine.</summary>
    public static bool operator ==(JoinHandle left, JoinHandle right) => left.Equals(right);

    /// <summary>True if they differ.</summary>
    public static bool operator !=(JoinHandle left, JoinHandle right) => !left.Equals(right);

    [DoesNotReturn]
    internal static CoroutineBox ThrowDefault()
        => throw new InvalidOperationException("This handle is a default value: it names no coroutine. Use the one that Spawn returned.");
}

/// <summary>A spawned coroutine with a result: await it for the result, any number of times, from any async code.</summary>
/// <inheritdoc cref="JoinHandle" path="/remarks"/>
public readonly struct JoinHandle<T> : IEquatable<JoinHandle<T>>
{
    private readonly CoroutineBox<T>? _box;

    internal JoinHandle(CoroutineBox<T> box) => _box = box;

    /// <summary>What the coroutine is doing.</summary>
    public CoroutineState State => Box.State;

    /// <summary>True if it has ended, in whatever way.</summary>
    public bool IsDone => Box.IsDone;

    /// <summary>The exception it ended with; null while it runs and after success.</summary>
    public Exception? Exception => Box.Exception;

    /// <summary>The coroutine's address.</summary>
    public CoroutineRef Ref => new(Box);

    internal CoroutineBox<T> Box => _box ?? (CoroutineBox<T>)JoinHandle.ThrowDefault();

    /// <inheritdoc cref="CoroutineRef.Cancel"/>
    public bool Cancel() => Box.Cancel();

    /// <inheritdoc cref="CoroutineRef.Resume"/>
    public void Resume() => Box.Resume();

    /// <inheritdoc cref="CoroutineRef.Tell{T}(T)"/>
    public bool Tell<TMessage>(TMessage message) => Ref.Tell(message);

    /// <summary>Waits for the result. Throws what the coroutine ended with; for a cancelled one <see cref="OperationCanceledException"/>.</summary>
    public JoinAwaiter<T> GetAwaiter() => new(Box);

    /// <summary>A task that ends as the coroutine does.</summary>
    public async Task<T> AsTask()
    {
        await Box.AsTask().ConfigureAwait(PoolDriver.IsHere);
        Box.ThrowIfUnsuccessful();
        return Box.Result!;
    }

    /// <summary>The same coroutine without its result.</summary>
    public JoinHandle WithoutResult() => new(Box);

    /// <summary>The same coroutine without its result.</summary>
    public static implicit operator JoinHandle(JoinHandle<T> handle) => handle.WithoutResult();

    /// <summary>True if both name the same coroutine.</summary>
    public bool Equals(JoinHandle<T> other) => _box == other._box;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is JoinHandle<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _box is null ? 0 : RuntimeHelpers.GetHashCode(_box);

    /// <summary>True if both name the same coroutine.</summary>
    public static bool operator ==(JoinHandle<T> left, JoinHandle<T> right) => left.Equals(right);

    /// <summary>True if they differ.</summary>
    public static bool operator !=(JoinHandle<T> left, JoinHandle<T> right) => !left.Equals(right);
}

/// <summary>Awaits a spawned coroutine. For the compiler.</summary>
public readonly struct JoinAwaiter : ICriticalNotifyCompletion, ICoroutineAwaiter
{
    private readonly CoroutineBox _box;

    internal JoinAwaiter(CoroutineBox box) => _box = box;

    /// <summary>True if it has ended.</summary>
    public bool IsCompleted => _box.IsDone;

    /// <summary>Throws what the coroutine ended with, if it did not end well. Blocks if it has not ended.</summary>
    public void GetResult()
    {
        Joining.Finish(_box);
        _box.ThrowIfUnsuccessful();
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => _box.AsTask().GetAwaiter().OnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => _box.AsTask().GetAwaiter().UnsafeOnCompleted(continuation);

    void ICoroutineAwaiter.Suspend(CoroutineBox root, CoroutineBox leaf, ThreadContext thread) => Joining.Suspend(_box, root, leaf);
}

/// <summary>Awaits a spawned coroutine with a result. For the compiler.</summary>
public readonly struct JoinAwaiter<T> : ICriticalNotifyCompletion, ICoroutineAwaiter
{
    private readonly CoroutineBox<T> _box;

    internal JoinAwaiter(CoroutineBox<T> box) => _box = box;

    /// <summary>True if it has ended.</summary>
    public bool IsCompleted => _box.IsDone;

    /// <summary>The result, or the exception it ended with. Blocks if it has not ended.</summary>
    public T GetResult()
    {
        Joining.Finish(_box);
        _box.ThrowIfUnsuccessful();
        return _box.Result!;
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => _box.AsTask().GetAwaiter().OnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => _box.AsTask().GetAwaiter().UnsafeOnCompleted(continuation);

    void ICoroutineAwaiter.Suspend(CoroutineBox root, CoroutineBox leaf, ThreadContext thread) => Joining.Suspend(_box, root, leaf);
}

/// <summary>The wait of one coroutine for another's end.</summary>
internal static class Joining
{
    public static void Suspend(CoroutineBox target, CoroutineBox root, CoroutineBox leaf)
    {
        if (target == root)
            throw new InvalidOperationException("A coroutine awaits its own JoinHandle: it would wait for ever. Await the handle elsewhere.");
        var join = new CoroutineJoin(root) { Epoch = root.NextEpoch };
        int epoch = root.BeginWait(leaf, WaitKind.Event, target);
        if (target.TryAddJoiner(join))
            root.FinishWait(epoch);
        else
            root.Wake(epoch);
    }

    /// <summary>The wait is over because the target has ended, or because the waiter was cancelled; anyone else blocks here.</summary>
    public static void Finish(CoroutineBox target)
    {
        if (target.IsDone)
            return;
        if (ThreadContext.Existing?.Coroutine is { } current)
            Unsafe.As<CoroutineBox>(current).ThrowIfCancelled();
        target.AsTask().GetAwaiter().GetResult();
    }
}
