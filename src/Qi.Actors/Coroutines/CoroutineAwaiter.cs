using System.Runtime.CompilerServices;

using Qi.Actors.Coroutines;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>Awaits a cold coroutine as a part of the awaiting one. For the compiler.</summary>
public readonly struct CoroutineAwaiter : ICriticalNotifyCompletion, ICoroutineAwaiter
{
    private readonly VoidCoroutineBox _box;

    internal CoroutineAwaiter(VoidCoroutineBox box) => _box = box;

    /// <summary>False: the coroutine is cold until it is awaited.</summary>
    public bool IsCompleted => false;

    /// <summary>Throws what the coroutine ended with, if it did not end well.</summary>
    public void GetResult()
    {
        if (!_box.IsRoot)
        {
            _box.TakeFrameResult();
            return;
        }

        Joining.Finish(_box);
        _box.ThrowIfUnsuccessful();
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => SpawnedAwait.Start(_box).OnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => SpawnedAwait.Start(_box).UnsafeOnCompleted(continuation);

    void ICoroutineAwaiter.Suspend(CoroutineBox root, CoroutineBox leaf, ThreadContext thread) => _box.CallFrom(root, leaf, thread);
}

/// <summary>Awaits a cold coroutine as a part of the awaiting one. For the compiler.</summary>
public readonly struct CoroutineAwaiter<T> : ICriticalNotifyCompletion, ICoroutineAwaiter
{
    private readonly CoroutineBox<T> _box;

    internal CoroutineAwaiter(CoroutineBox<T> box) => _box = box;

    /// <summary>False: the coroutine is cold until it is awaited.</summary>
    public bool IsCompleted => false;

    /// <summary>The result, or the exception that the coroutine ended with.</summary>
    public T GetResult()
    {
        if (!_box.IsRoot)
            return _box.TakeFrameResult();
        Joining.Finish(_box);
        _box.ThrowIfUnsuccessful();
        return _box.Result!;
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => SpawnedAwait.Start(_box).OnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => SpawnedAwait.Start(_box).UnsafeOnCompleted(continuation);

    void ICoroutineAwaiter.Suspend(CoroutineBox root, CoroutineBox leaf, ThreadContext thread) => _box.CallFrom(root, leaf, thread);
}

/// <summary>A cold coroutine that is awaited by ordinary async code, which cannot be its root: it is spawned.</summary>
internal static class SpawnedAwait
{
    public static TaskAwaiter Start(CoroutineBox box)
    {
        if (ThreadContext.Existing?.Dispatcher?.Pool.Owner is CoroutineHost host)
        {
            box.SpawnInProgress(host, Priority.Normal);
            return box.AsTask().GetAwaiter();
        }

        // Thrown where the await comes back: an exception from here would end the process, not the await.
        box.Fail(new InvalidOperationException(
            "A Coroutine was awaited outside of any coroutine or actor, so there is no system to run it. Spawn it (system.Spawn) and await the JoinHandle."));
        return Task.CompletedTask.GetAwaiter();
    }
}
