// Who called what, from a stack. On top are the frames of the framework (which set the timer, queue the work, wait) and perhaps of Qi, then comes the
// first frame of the user's code: the call is the frame above it.
//
// The user's test is on the stack too, far below: it runs the simulation, which runs the turn. So the search ends at this package's frames, those
// on top excepted: a turn that is the framework's alone, as when a delay ends, has no caller.
//
// Small methods of the framework may be compiled into their caller and then have no frame: the usual ones are named after what was
// written. When the user's method is compiled with full optimization, which it is after many calls, more of them have none, and the name is the next
// best: ManualResetEventSlim.Wait for CountdownEvent.Wait.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Qi.Actors.Testing.Outside;

/// <summary>A call of the framework by user code.</summary>
internal sealed class CallSite
{
    private static readonly string[] s_house = ["Qi.Actors", "Qi.Actors.Platform", "Qi.Actors.IO", "Qi.Actors.AspNetCore"];

    private static readonly string[] s_innerSuffixes = ["NoCheck", "Core", "Slow", "_Slowpath", "AndGetCurrentThreadId", "WithNoTimeValidation", ".__PInvoke"];

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
        string? innermost = null;
        foreach (var method in MethodsOf(stack))
        {
            if (method.DeclaringType!.Assembly == typeof(CallSite).Assembly)
            {
                if (call is null)
                    continue;
                break;
            }

            string name = CodeNames.OfMethod(method);
            if (!IsFrameworkOrHouse(method))
                return new CallSite(AsWritten(call ?? name), name, methods);

            call = name;
            methods.Add(name);
            if (method.IsPublic && method.DeclaringType is { IsVisible: true })
                innermost ??= name;
        }

        return new CallSite(AsWritten(innermost ?? call ?? "a call"), caller: null, methods);
    }

    /// <summary>True for code that is .NET's or Qi's, and not the user's.</summary>
    public static bool IsFrameworkOrHouse(MethodBase method)
        => WorkNames.IsFramework(method.DeclaringType)
        || (method.DeclaringType?.Assembly.GetName().Name is { } name && s_house.Contains(name, StringComparer.Ordinal));

    /// <summary>The methods of a stack, innermost first, without dynamic ones, which have no source; of a stack that a wait notification has taken, those that led to the wait.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Method names are for messages; without them the message is poorer.")]
    public static IEnumerable<MethodBase> MethodsOf(StackTrace stack)
    {
        var methods = stack.GetFrames().Select(static frame => frame.GetMethod()).OfType<MethodBase>().Where(static method => method.DeclaringType is not null).ToList();
        int notification = methods.FindLastIndex(
            static method => method.Name is nameof(SynchronizationContext.Wait) && typeof(SynchronizationContext).IsAssignableFrom(method.DeclaringType));
        return methods.Skip(notification + 1);
    }

    /// <summary>True if a type of the framework has a method on the stack, above the user's code.</summary>
    public bool PassesType(string type) => _methods.Any(method => method.StartsWith(type + ".", StringComparison.Ordinal));

    /// <summary>"Task.Run, called by Shop.LoadAsync".</summary>
    public override string ToString() => $"{Call}, called by {Caller ?? "the framework itself"}";

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
            "TaskAwaiter.HandleNonSuccessAndDebuggerNotification" or "TaskAwaiter.ValidateEnd" or "TaskAwaiter.GetResult"
                => "GetAwaiter().GetResult()",
            "Task.InternalWait" => "GetAwaiter().GetResult() or Task.Result",
            "Task.ScheduleAndStart" => "TaskFactory.StartNew",
            "new Task.DelayPromise" or "new Task.DelayPromiseWithCancellation" => "Task.Delay",
            "BlockingCollection.TryTake" => "BlockingCollection.Take",
            "Lock.EnterScope" => "Lock.Enter",
            "WaitHandle.WaitMultiple" => "WaitHandle.WaitAny",
            "ThreadPool.UnsafeQueueUserWorkItemInternal" => "ThreadPool.UnsafeQueueUserWorkItem",
            _ => call,
        };
    }
}
