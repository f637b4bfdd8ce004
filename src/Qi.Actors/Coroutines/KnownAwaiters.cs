// What must be known of awaiters that the framework does not tell: see ForeignWake.cs for what it is good for.

using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Qi.Actors.Coroutines;

/// <summary>The awaiters of Task and ValueTask.</summary>
internal static class KnownAwaiters
{
    private static readonly Type[] s_generic =
    [
        typeof(TaskAwaiter<>),
        typeof(ValueTaskAwaiter<>),
        typeof(ConfiguredTaskAwaitable<>.ConfiguredTaskAwaiter),
        typeof(ConfiguredValueTaskAwaitable<>.ConfiguredValueTaskAwaiter),
    ];

    private static readonly Type[] s_plain =
    [
        typeof(TaskAwaiter),
        typeof(ValueTaskAwaiter),
        typeof(ConfiguredTaskAwaitable.ConfiguredTaskAwaiter),
        typeof(ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter),
    ];

    /// <summary>True for the awaiters of Task and ValueTask. Without dynamic code only the non-generic ones can be made.</summary>
    public static bool IsKnown(Type awaiter)
        => s_plain.Contains(awaiter)
        || (RuntimeFeature.IsDynamicCodeSupported && awaiter.IsGenericType && s_generic.Contains(awaiter.GetGenericTypeDefinition()));

    /// <summary>Whether the awaiter waits for a move, or for the end, of an async iterator. Of most types of awaiters the JIT knows that it does not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOfIterator<TAwaiter>(ref TAwaiter awaiter)
    {
        if (typeof(TAwaiter) == typeof(ValueTaskAwaiter<bool>))
            return IsIterator(ref ValueTaskFields<bool>.TaskOf(ref Unsafe.As<TAwaiter, ValueTaskAwaiter<bool>>(ref awaiter)));
        if (typeof(TAwaiter) == typeof(ConfiguredValueTaskAwaitable<bool>.ConfiguredValueTaskAwaiter))
            return IsIterator(ref ValueTaskFields<bool>.TaskOf(ref Unsafe.As<TAwaiter, ConfiguredValueTaskAwaitable<bool>.ConfiguredValueTaskAwaiter>(ref awaiter)));
        if (typeof(TAwaiter) == typeof(ValueTaskAwaiter))
            return IsIterator(ref ValueTaskFields.TaskOf(ref Unsafe.As<TAwaiter, ValueTaskAwaiter>(ref awaiter)));
        if (typeof(TAwaiter) == typeof(ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter))
            return IsIterator(ref ValueTaskFields.TaskOf(ref Unsafe.As<TAwaiter, ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter>(ref awaiter)));
        return false;
    }

    /// <summary>The Task or ValueTask behind an awaiter; null if there is no way to know it.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "The framework uses these fields itself; where their metadata is not kept, the wait is given up as if the task had not ended.")]
    public static object? TaskBehind(object? awaiter)
        => awaiter?.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
            .FirstOrDefault(static field => field.Name is "m_task" or "_value")?.GetValue(awaiter);

    /// <summary>Whether such a one, which has ended, was cancelled. False if it may not be asked: its result will say why.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As above.")]
    public static bool IsCanceled(object? task)
    {
        try
        {
            return task?.GetType().GetProperty(nameof(Task.IsCanceled))?.GetValue(task) is true;
        }
        catch (TargetInvocationException)
        {
            return false;
        }
    }

    /// <summary>Takes the result of a ValueTask that was cancelled.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As above.")]
    public static void TakeResult(object valueTask) => valueTask.GetType().GetMethod(nameof(ValueTask.AsTask))?.Invoke(valueTask, null);

    /// <summary>An awaiter of that type whose GetResult throws.</summary>
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reached with a generic awaiter only where dynamic code is supported (IsKnown).")]
    [UnconditionalSuppressMessage("Trimming", "IL2060", Justification = "The method called is this class's own.")]
    public static object MakeCancelled(Type awaiter, CancellationToken token)
    {
        if (!awaiter.IsGenericType)
            return MakePlain(awaiter, Task.FromCanceled(token));
        var make = typeof(KnownAwaiters).GetMethod(nameof(MakeGeneric), BindingFlags.NonPublic | BindingFlags.Static)!;
        return make.MakeGenericMethod(awaiter.GetGenericArguments()[^1]).Invoke(null, [awaiter, token])!;
    }

    private static object MakePlain(Type awaiter, Task cancelled)
    {
        if (awaiter == typeof(TaskAwaiter))
            return cancelled.GetAwaiter();
        if (awaiter == typeof(ValueTaskAwaiter))
            return new ValueTask(cancelled).GetAwaiter();
        if (awaiter == typeof(ConfiguredTaskAwaitable.ConfiguredTaskAwaiter))
            return cancelled.ConfigureAwait(false).GetAwaiter();
        return new ValueTask(cancelled).ConfigureAwait(false).GetAwaiter();
    }

    private static object MakeGeneric<T>(Type awaiter, CancellationToken token)
    {
        var cancelled = Task.FromCanceled<T>(token);
        if (awaiter == typeof(TaskAwaiter<T>))
            return cancelled.GetAwaiter();
        if (awaiter == typeof(ValueTaskAwaiter<T>))
            return new ValueTask<T>(cancelled).GetAwaiter();
        if (awaiter == typeof(ConfiguredTaskAwaitable<T>.ConfiguredTaskAwaiter))
            return cancelled.ConfigureAwait(false).GetAwaiter();
        return new ValueTask<T>(cancelled).ConfigureAwait(false).GetAwaiter();
    }

    private static bool IsIterator(ref ValueTask task) => ValueTaskFields.IsUsable && ValueTaskFields.SourceOf(ref task) is IAsyncDisposable;

    private static bool IsIterator(ref ValueTask<bool> task) => ValueTaskFields<bool>.IsUsable && ValueTaskFields<bool>.SourceOf(ref task) is IAsyncDisposable;
}
