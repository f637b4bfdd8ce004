// The boxes that the method builders make: one class for methods without a result, one for those with.
//
// A box is rented when its method is called. If it is awaited as a frame, it goes back to the thread's free list after its result
// was taken; if it is spawned, it is a root and never comes back (B3).

using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

using Qi.Actors.Scheduling;

namespace Qi.Actors.Coroutines;

/// <summary>A box of a method that returns a result.</summary>
internal abstract class CoroutineBox<TResult> : CoroutineBox
{
    /// <summary>The result; valid once the state is Completed.</summary>
    public TResult? Result;

    /// <summary>Takes the result of an ended frame, or throws; the frame may be reused at once.</summary>
    public TResult TakeFrameResult()
    {
        if (!IsDone)
            CoroutineErrors.ThrowNotRun();
        var result = Result!;
        Result = default;
        if (WaitObject is not null)
            ThrowIfUnsuccessful();
        Recycle();
        return result;
    }

    private protected abstract void Recycle();
}

/// <summary>A box of a method without a result.</summary>
internal abstract class VoidCoroutineBox : CoroutineBox
{
    /// <summary>Throws if the ended frame did not end well; the frame may be reused at once.</summary>
    public void TakeFrameResult()
    {
        if (!IsDone)
            CoroutineErrors.ThrowNotRun();
        if (WaitObject is not null)
            ThrowIfUnsuccessful();
        Recycle();
    }

    private protected abstract void Recycle();
}

/// <summary>The box of one method with a result.</summary>
internal sealed class StateMachineBox<TResult, TStateMachine> : CoroutineBox<TResult>
    where TStateMachine : IAsyncStateMachine
{
    public TStateMachine? StateMachine;

    /// <summary>A free box of this method, or a new one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StateMachineBox<TResult, TStateMachine> Rent()
        => FramePool<StateMachineBox<TResult, TStateMachine>>.TryTake() ?? new();

    internal override void MoveNext() => StateMachine!.MoveNext();

    internal override object? PendingAwaiter(Type type) => AwaiterFields.Read(StateMachine!, type);

    internal override void ReplaceAwaiters<TAwaiter>(TAwaiter awaiter) => AwaiterFields.Replace(ref StateMachine!, awaiter);

    private protected override void ClearStateMachine() => StateMachine = default;

    private protected override void Recycle()
    {
        ResetFrame();
        FramePool<StateMachineBox<TResult, TStateMachine>>.Put(this);
    }
}

/// <summary>The box of one method without a result.</summary>
internal sealed class StateMachineBox<TStateMachine> : VoidCoroutineBox
    where TStateMachine : IAsyncStateMachine
{
    public TStateMachine? StateMachine;

    /// <summary>A free box of this method, or a new one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StateMachineBox<TStateMachine> Rent() => FramePool<StateMachineBox<TStateMachine>>.TryTake() ?? new();

    internal override void MoveNext() => StateMachine!.MoveNext();

    internal override object? PendingAwaiter(Type type) => AwaiterFields.Read(StateMachine!, type);

    internal override void ReplaceAwaiters<TAwaiter>(TAwaiter awaiter) => AwaiterFields.Replace(ref StateMachine!, awaiter);

    private protected override void ClearStateMachine() => StateMachine = default;

    private protected override void Recycle()
    {
        ResetFrame();
        FramePool<StateMachineBox<TStateMachine>>.Put(this);
    }
}

/// <summary>A thread's free frames of one method, chained by <see cref="Scheduling.RunItem.Next"/>.</summary>
internal static class FramePool<TBox>
    where TBox : CoroutineBox
{
    [ThreadStatic]
    private static TBox? t_free;

    [ThreadStatic]
    private static int t_count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBox? TryTake()
    {
        var box = t_free;
        if (box is null)
            return null;
        t_free = Unsafe.As<TBox?>(box.Next);
        t_count--;
        box.Next = null;
        return box;
    }

    public static void Put(TBox box)
    {
        if (t_count >= ThreadContext.Instance.FrameLimit)
            return;
        box.Next = t_free;
        t_free = box;
        t_count++;
    }
}

/// <summary>The awaiters that a suspended state machine holds.</summary>
internal static class AwaiterFields
{
    private const string Trimming = "The compiler-made fields are used by MoveNext, so they are kept; where their metadata is not, no field is found and the cancel is delivered at the next await.";

    /// <summary>The one of a type, of which there is one at a time; null if it is not found.</summary>
    public static object? Read<TStateMachine>(TStateMachine stateMachine, Type type) => Fields<TStateMachine>(type).FirstOrDefault()?.GetValue(stateMachine);

    /// <summary>Overwrites those of a type.</summary>
    public static void Replace<TStateMachine, TAwaiter>(ref TStateMachine stateMachine, TAwaiter awaiter)
    {
        object boxed = stateMachine!;
        foreach (var field in Fields<TStateMachine>(typeof(TAwaiter)))
            field.SetValue(boxed, awaiter);
        stateMachine = (TStateMachine)boxed;
    }

    // The method's own variables may be awaiters too; the compiler's have names that no variable can have.
    [UnconditionalSuppressMessage("Trimming", "IL2090", Justification = Trimming)]
    private static IEnumerable<FieldInfo> Fields<TStateMachine>(Type type)
        => typeof(TStateMachine).GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
            .Where(field => field.FieldType == type && field.Name.StartsWith("<>u__", StringComparison.Ordinal));
}
