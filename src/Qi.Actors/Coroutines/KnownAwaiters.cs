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

    /// <summary>Asks such a one for a property. False if it cannot be asked.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As above.")]
    public static bool Ask(object? task, string property) => task?.GetType().GetProperty(property)?.GetValue(task) is true;

    /// <summary>A task with the result of a ValueTask, whose source has given it away by that.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "As above.")]
    public static Task ToTask(object valueTask) => (Task)valueTask.GetType().GetMethod(nameof(ValueTask.AsTask))!.Invoke(valueTask, null)!;

    /// <summary>An awaiter of that type whose GetResult throws.</summary>
    public static object MakeCancelled(Type awaiter, CancellationToken token)
        => awaiter.IsGenericType ? CallGeneric(nameof(MakeCancelledGeneric), awaiter, token) : MakePlain(awaiter, Task.FromCanceled(token));

    /// <summary>An awaiter of that type for a task that has ended.</summary>
    public static object Make(Type awaiter, Task task)
        => awaiter.IsGenericType ? CallGeneric(nameof(MakeGeneric), awaiter, task) : MakePlain(awaiter, task);

    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reached with a generic awaiter only where dynamic code is supported (IsKnown).")]
    [UnconditionalSuppressMessage("Trimming", "IL2060", Justification = "The method called is this class's own.")]
    private static object CallGeneric(string name, Type awaiter, object argument)
        => typeof(KnownAwaiters).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(awaiter.GetGenericArguments()[^1]).Invoke(null, [awaiter, argument])!;

    private static object MakePlain(Type awaiter, Task task)
    {
        if (awaiter == typeof(TaskAwaiter))
            return task.GetAwaiter();
        if (awaiter == typeof(ValueTaskAwaiter))
            return new ValueTask(task).GetAwaiter();
        if (awaiter == typeof(ConfiguredTaskAwaitable.ConfiguredTaskAwaiter))
            return task.ConfigureAwait(false).GetAwaiter();
        return new ValueTask(task).ConfigureAwait(false).GetAwaiter();
    }

    private static object MakeCancelledGeneric<T>(Type awaiter, CancellationToken token) => MakeGeneric<T>(awaiter, Task.FromCanceled<T>(token));

    private static object MakeGeneric<T>(Type awaiter, Task<T> task)
    {
        if (awaiter == typeof(TaskAwaiter<T>))
            return task.GetAwaiter();
        if (awaiter == typeof(ValueTaskAwaiter<T>))
            return new ValueTask<T>(task).GetAwaiter();
        if (awaiter == typeof(ConfiguredTaskAwaitable<T>.ConfiguredTaskAwaiter))
            return task.ConfigureAwait(false).GetAwaiter();
        return new ValueTask<T>(task).ConfigureAwait(false).GetAwaiter();
    }

    private static bool IsIterator(ref ValueTask task) => ValueTaskFields.IsUsable && ValueTaskFields.SourceOf(ref task) is IAsyncDisposable;

    private static bool IsIterator(ref ValueTask<bool> task) => ValueTaskFields<bool>.IsUsable && ValueTaskFields<bool>.SourceOf(ref task) is IAsyncDisposable;
}
