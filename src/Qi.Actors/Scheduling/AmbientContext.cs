using System.Runtime.CompilerServices;

namespace Qi.Actors.Scheduling;

/// <summary>The execution context of a dispatcher's thread, which carries AsyncLocal values.</summary>
internal static class AmbientContext
{
    /// <summary>The context with no values in it.</summary>
    public static readonly ExecutionContext Default = FindDefault();

    /// <summary>Makes a context the thread's; null stands for the default. Costs a comparison when it already is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Switch(ExecutionContext? context)
    {
        context ??= Default;
        if (!ReferenceEquals(ExecutionContext.Capture(), context))
            ExecutionContext.Restore(context);
    }

    private static ExecutionContext FindDefault()
    {
        ExecutionContext? found = null;
        var thread = new Thread(() => found = ExecutionContext.Capture()) { IsBackground = true };
        thread.UnsafeStart();
        thread.Join();
        return found!;
    }
}
