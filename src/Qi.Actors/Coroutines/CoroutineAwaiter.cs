using System.Runtime.CompilerServices;

using Qi.Actors.Coroutines;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>Awaits a cold coroutine as a part of the awaiting one. For the compiler.</summary>
public readonly struct CoroutineAwaiter : ICriticalNotifyCompletion, ICoroutineAwaiter
{
    private readonly VoidCoroutineBox _box;

    internal CoroutineAwaiter(VoidCoroutineBox box) => _box = box;

    /// <summary>Runs the coroutine until it suspends or ends; true if it has ended.</summary>
    public bool IsCompleted => FrameStart.Run(_box);

    /// <summary>Throws what the coroutine ended with, if it did not end well.</summary>
    public void GetResult()
    {
        if (_box.IsRoot)
            _box.ThrowIfUnsuccessful();
        else
            _box.TakeFrameResult();
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => _box.AsTask().GetAwaiter().OnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => _box.AsTask().GetAwaiter().UnsafeOnCompleted(continuation);

    void ICoroutineAwaiter.Suspend(CoroutineBox root, CoroutineBox leaf, ThreadContext thread) => _box.ContinueWith(leaf);
}

/// <summary>Awaits a cold coroutine as a part of the awaiting one. For the compiler.</summary>
public readonly struct CoroutineAwaiter<T> : ICriticalNotifyCompletion, ICoroutineAwaiter
{
    private readonly CoroutineBox<T> _box;

    internal CoroutineAwaiter(CoroutineBox<T> box) => _box = box;

    /// <summary>Runs the coroutine until it suspends or ends; true if it has ended.</summary>
    public bool IsCompleted => FrameStart.Run(_box);

    /// <summary>The result, or the exception that the coroutine ended with.</summary>
    public T GetResult()
    {
        if (!_box.IsRoot)
            return _box.TakeFrameResult();
        _box.ThrowIfUnsuccessful();
        return _box.Result!;
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => _box.AsTask().GetAwaiter().OnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => _box.AsTask().GetAwaiter().UnsafeOnCompleted(continuation);

    void ICoroutineAwaiter.Suspend(CoroutineBox root, CoroutineBox leaf, ThreadContext thread) => _box.ContinueWith(leaf);
}

/// <summary>Starts an awaited cold coroutine.</summary>
internal static class FrameStart
{
    /// <summary>Runs a cold frame in the current coroutine. Ordinary async code on a dispatcher gets it spawned there.</summary>
    public static bool Run(CoroutineBox box)
    {
        var thread = ThreadContext.Instance;
        if (thread.Coroutine is { } root)
        {
            box.StartFrame(Unsafe.As<CoroutineBox>(root), thread);
            return box.IsDone;
        }

        if (thread.Dispatcher?.Pool.Owner is CoroutineHost host)
        {
            box.Spawn(host, Priority.Normal);
            return false;
        }

        throw new InvalidOperationException(
            "A Coroutine was awaited outside of any coroutine or actor, so there is no system to run it. Spawn it (system.Spawn) and await the JoinHandle.");
    }
}
