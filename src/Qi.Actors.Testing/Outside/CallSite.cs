// Who called what, from a stack. The stack has framework's frames on top (those that set the timer, queued the work, wait), then the first frame
// of the user's code: the call is the lowest frame of the framework above it. The runtime's own frames do not count as the user's.
//
// Small methods of the framework may be compiled into their caller and then have no frame: the usual ones are named after what was written.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Qi.Actors.Testing.Outside;

/// <summary>A call of the framework by user code.</summary>
internal sealed class CallSite
{
    private static readonly string[] s_house = ["Qi.Actors", "Qi.Actors.Platform", "Qi.Actors.Testing", "Qi.Actors.IO", "Qi.Actors.AspNetCore"];

    private static readonly string[] s_innerSuffixes = ["NoCheck", "Core", "Slow", "_Slowpath", "AndGetCurrentThreadId", "WithNoTimeValidation"];

    private readonly HashSet<string> _methods;

    private CallSite(string call, string? caller, HashSet<string> methods)
    {
        Call = call;
        Caller = caller;
        _methods = methods;
    }

    /// <summary>The method of the framework: "Task.Run".</summary>
    public string Call { get; }

    /// <summary>The user's method: "Shop.LoadAsync". Null if there is none on the stack.</summary>
    public string? Caller { get; }

    /// <summary>Finds the innermost call of the framework by user code.</summary>
    public static CallSite Of(StackTrace stack)
    {
        var methods = new HashSet<string>(StringComparer.Ordinal);
        string? call = null;
        foreach (var method in MethodsOf(stack))
        {
            if (IsHouse(method))
                continue;

            string name = CodeNames.OfMethod(method);
            if (!WorkNames.IsFramework(method.DeclaringType))
                return new CallSite(AsWritten(call ?? name), name, methods);

            call = name;
            methods.Add(name);
        }

        return new CallSite(AsWritten(call ?? "a call"), caller: null, methods);
    }

    /// <summary>The methods of a stack, innermost first; of a stack that a wait notification has taken, those that led to the wait.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Method names are for messages; without them the message is poorer.")]
    public static IEnumerable<MethodBase> MethodsOf(StackTrace stack)
    {
        var methods = stack.GetFrames().Select(static frame => frame.GetMethod()).OfType<MethodBase>().ToList();
        int notification = methods.FindLastIndex(
            static method => method.Name is nameof(SynchronizationContext.Wait) && typeof(SynchronizationContext).IsAssignableFrom(method.DeclaringType));
        return methods.Skip(notification + 1);
    }

    /// <summary>True if a type of the framework has a method on the stack, above the user's code.</summary>
    public bool PassesType(string type) => _methods.Any(method => method.StartsWith(type + ".", StringComparison.Ordinal));

    /// <summary>"Task.Run, called by Shop.LoadAsync".</summary>
    public override string ToString() => Caller is null ? Call : $"{Call}, called by {Caller}";

    private static bool IsHouse(MethodBase method)
        => method.DeclaringType?.Assembly.GetName().Name is { } name && s_house.Contains(name, StringComparer.Ordinal);

    private static string AsWritten(string call)
    {
        foreach (string suffix in s_innerSuffixes)
        {
            if (call.EndsWith(suffix, StringComparison.Ordinal))
                call = call[..^suffix.Length];
        }

        return call switch
        {
            "Task.GetResult" => "Task.Result",
            "TaskAwaiter.HandleNonSuccessAndDebuggerNotification" or "TaskAwaiter.ValidateEnd" or "TaskAwaiter.GetResult" or "Task.InternalWait"
                => "GetAwaiter().GetResult()",
            "BlockingCollection.TryTake" => "BlockingCollection.Take",
            "Lock.EnterScope" => "Lock.Enter",
            "WaitHandle.WaitMultiple" => "WaitHandle.WaitAny",
            "ThreadPool.UnsafeQueueUserWorkItemInternal" => "ThreadPool.UnsafeQueueUserWorkItem",
            _ => call,
        };
    }
}
