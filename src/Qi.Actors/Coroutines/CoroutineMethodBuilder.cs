// What the compiler calls for a method that returns Coroutine or Coroutine<T>.
//
// Start does not run the method: it puts the state machine into its box and leaves it cold, so that the caller decides
// whether it becomes a coroutine of its own (Spawn) or a part of the caller (await). The box is stored in the builder before
// the state machine is copied into the box, so the copy knows it too.

using System.ComponentModel;
using System.Runtime.CompilerServices;

using Qi.Actors.Coroutines;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>Builds methods that return <see cref="Coroutine"/>. For the compiler.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct CoroutineMethodBuilder
{
    private VoidCoroutineBox? _box;

    /// <summary>The coroutine that the method returns, cold.</summary>
    public readonly Coroutine Task => new(_box!);

    /// <summary>Makes a builder.</summary>
    public static CoroutineMethodBuilder Create() => default;

    /// <summary>Boxes the state machine without running it.</summary>
    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        var box = StateMachineBox<TStateMachine>.Rent();
        _box = box;
        box.StateMachine = stateMachine;
    }

    /// <summary>Never called for a boxed state machine.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine) => _ = _box;

    /// <summary>The method has returned.</summary>
    public readonly void SetResult() => _box!.Complete();

    /// <summary>The method has thrown.</summary>
    public readonly void SetException(Exception exception) => _box!.Fail(exception);

    /// <summary>The method awaits something that is not complete.</summary>
    public readonly void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine
        => Suspension.Await(ref awaiter, _box!);

    /// <summary>The method awaits something that is not complete.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine
        => Suspension.AwaitUnsafe(ref awaiter, _box!);
}

/// <summary>Builds methods that return <see cref="Coroutine{T}"/>. For the compiler.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct CoroutineMethodBuilder<T>
{
    private CoroutineBox<T>? _box;

    /// <summary>The coroutine that the method returns, cold.</summary>
    public readonly Coroutine<T> Task => new(_box!);

    /// <summary>Makes a builder.</summary>
    public static CoroutineMethodBuilder<T> Create() => default;

    /// <summary>Boxes the state machine without running it.</summary>
    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        var box = StateMachineBox<T, TStateMachine>.Rent();
        _box = box;
        box.StateMachine = stateMachine;
    }

    /// <summary>Never called for a boxed state machine.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine) => _ = _box;

    /// <summary>The method has returned.</summary>
    public readonly void SetResult(T result)
    {
        _box!.Result = result;
        _box.Complete();
    }

    /// <summary>The method has thrown.</summary>
    public readonly void SetException(Exception exception) => _box!.Fail(exception);

    /// <summary>The method awaits something that is not complete.</summary>
    public readonly void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine
        => Suspension.Await(ref awaiter, _box!);

    /// <summary>The method awaits something that is not complete.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine
        => Suspension.AwaitUnsafe(ref awaiter, _box!);
}

/// <summary>Suspends a frame for an awaiter.</summary>
internal static class Suspension
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AwaitUnsafe<TAwaiter>(ref TAwaiter awaiter, CoroutineBox leaf)
        where TAwaiter : ICriticalNotifyCompletion
    {
        // For a struct awaiter the type test is decided by the JIT, and the call does not box.
        if (default(TAwaiter) is not null && awaiter is ICoroutineAwaiter)
            ((ICoroutineAwaiter)awaiter).Suspend(leaf.Root, leaf, ThreadContext.Instance);
        else if (default(TAwaiter) is null || SourceWait<TAwaiter>.Instance is not { } sources || !sources.TrySuspend(ref awaiter, leaf))
            AwaitForeign(ref awaiter, leaf);
    }

    // The coroutine comes back to its dispatchers whatever the awaiter does, so no context is offered for capture.
    public static void Await<TAwaiter>(ref TAwaiter awaiter, CoroutineBox leaf)
        where TAwaiter : INotifyCompletion
    {
        var wait = new ForeignAwait(leaf, ForeignWait<TAwaiter>.Instance, KnownAwaiters.IsOfIterator(ref awaiter));
        try
        {
            awaiter.OnCompleted(wait.Action);
        }
        catch (Exception e)
        {
            if (wait.TryRetract(e))
                throw;
        }
        finally
        {
            wait.RestoreContext();
        }

        wait.Finish();
    }

    private static void AwaitForeign<TAwaiter>(ref TAwaiter awaiter, CoroutineBox leaf)
        where TAwaiter : ICriticalNotifyCompletion
    {
        var wait = new ForeignAwait(leaf, ForeignWait<TAwaiter>.Instance, KnownAwaiters.IsOfIterator(ref awaiter));
        try
        {
            awaiter.UnsafeOnCompleted(wait.Action);
        }
        catch (Exception e)
        {
            if (wait.TryRetract(e))
                throw;
        }
        finally
        {
            wait.RestoreContext();
        }

        wait.Finish();
    }
}
