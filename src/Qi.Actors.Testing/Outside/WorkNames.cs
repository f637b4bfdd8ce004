// What a continuation, a work item or a timer belongs to, in the words of the source. A continuation of an async method is a delegate on the
// method's box, a generic class one of whose arguments is the state machine; a task has its delegate in a field, and so have the pool's work
// items. Fields are looked at by reflection: names are made only for messages and traces.

using System.Reflection;
using System.Runtime.CompilerServices;

namespace Qi.Actors.Testing.Outside;

/// <summary>Names what is going to run.</summary>
internal static class WorkNames
{
    private const int MaxDepth = 6;

    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>
    /// Names a posted delegate, its state, a task or a work item: "Store.LoadAsync" for what continues that method, "Store.Open (lambda)" for a
    /// delegate written there. If all else fails, the name of the type.
    /// </summary>
    public static string Of(object work) => Find(work, MaxDepth) ?? CodeNames.OfType(work.GetType());

    /// <summary>Names what a SynchronizationContext was asked to run: mostly a delegate of the framework, with the real one as its state.</summary>
    public static string OfPost(Delegate callback, object? state)
        => (IsFramework(callback.Method.DeclaringType) && state is not null ? Find(state, MaxDepth) : null) ?? Of(callback);

    /// <summary>Names a timer: "Timer of Shop.Tick", "Task.Delay", "CancellationTokenSource".</summary>
    public static string OfTimer(Delegate callback, object? state)
    {
        if (!IsFramework(callback.Method.DeclaringType))
            return $"Timer of {Of(callback)}";

        string name = CodeNames.OfType(state?.GetType() ?? callback.Method.DeclaringType!);
        return name switch
        {
            "Task.DelayPromise" or "Task.DelayPromiseWithCancellation" => "Task.Delay",
            "Task.CancellationPromise" => "Task.WaitAsync",
            "PeriodicTimer.State" => "PeriodicTimer",
            _ => name,
        };
    }

    /// <summary>True for a type of .NET itself.</summary>
    public static bool IsFramework(Type? type)
    {
        string name = type?.Assembly.GetName().Name ?? "";
        return name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.", StringComparison.Ordinal)
            || name is "System" or "mscorlib" or "netstandard";
    }

    private static string? Find(object work, int depth)
    {
        if (depth == 0)
            return null;
        if (StateMachineOf(work.GetType()) is { } stateMachine)
            return CodeNames.OfStateMachine(stateMachine) ?? CodeNames.OfType(stateMachine);
        if (work is Delegate callback)
            return FindDelegate(callback, depth);
        if (!IsFramework(work.GetType()))
            return null;

        for (Type? type = work.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (var field in type.GetFields(Fields))
            {
                if (!field.FieldType.IsValueType && field.GetValue(work) is { } next && Leads(field, next) && Find(next, depth - 1) is { } name)
                    return name;
            }
        }

        return null;
    }

    // A task of the framework's own has a delegate of the framework's, and as its state the object that knows the user's.
    private static bool Leads(FieldInfo field, object value)
        => value is Delegate or Task or IThreadPoolWorkItem || field.Name is "m_stateObject";

    private static string? FindDelegate(Delegate callback, int depth)
    {
        if (!IsFramework(callback.Method.DeclaringType))
            return callback.Target is { } box && StateMachineOf(box.GetType()) is not null ? Find(box, depth - 1) : CodeNames.OfMethod(callback.Method);
        return callback.Target is null ? null : Find(callback.Target, depth - 1);
    }

    private static Type? StateMachineOf(Type type)
    {
        for (Type? level = type; level is not null; level = level.BaseType)
        {
            if (!level.IsGenericType)
                continue;
            foreach (var argument in level.GetGenericArguments())
            {
                if (typeof(IAsyncStateMachine).IsAssignableFrom(argument) && argument != typeof(IAsyncStateMachine))
                    return argument;
            }
        }

        return null;
    }
}
