using System.Diagnostics;

namespace Qi.Actors.Testing.Outside;

/// <summary>The words for pool work that could not be taken over: how it came about, and the remedy for that.</summary>
internal static class PoolRefusal
{
    private static readonly string[] s_continuations =
        ["AsyncTaskMethodBuilder", "AwaitTaskContinuation", "ManualResetValueTaskSourceCore", "AsyncOperation", "TaskAwaiter", "ValueTaskAwaiter"];

    private static readonly string[] s_blocks =
        ["DataflowBlock", "TargetCore", "SourceCore", "SpscTargetCore", "ActionBlock", "TransformBlock", "BufferBlock", "BatchBlock", "JoinBlock"];

    /// <summary>Tells the host about pool work that was given away on this stack.</summary>
    public static void Tell(IOutsideHost host, StackTrace stack)
    {
        var (call, remedy) = Explain(CallSite.Of(stack));
        host.Refuse(call, remedy);
    }

    private static (string Call, string Remedy) Explain(CallSite site)
    {
        if (site.PassesType("Parallel") || site.PassesType("TaskReplicator"))
            return ($"{site}", "Parallel loops run on real threads. Run the iterations as coroutines, or in a plain loop.");
        if (site.PassesType("QueryTask") || site.PassesType("SpoolingTask"))
            return ($"a parallel query (PLINQ), {By(site)}", "Parallel queries run on real threads. Leave AsParallel out where the simulation runs.");
        if (site.Call.EndsWith(".AwaitUnsafeOnCompleted", StringComparison.Ordinal) || site.Call.EndsWith(".AwaitOnCompleted", StringComparison.Ordinal))
        {
            return (
                $"Task.Yield, or another await that goes to the thread pool at once, {By(site)}",
                "There is no synchronization context to come back to. Await it in a handler or coroutine, and not after a ConfigureAwait(false).");
        }

        if (Array.Exists(s_continuations, site.PassesType))
        {
            return (
                $"a continuation that goes to the thread pool, released by {site}",
                "It was awaited with ConfigureAwait(false), or outside of a turn. Await it without, in the handler or coroutine.");
        }

        if (Array.Exists(s_blocks, site.PassesType))
        {
            return (
                $"a dataflow block that runs on the thread pool: {site}",
                "Give the block ExecutionDataflowBlockOptions with ActorSystem.TaskScheduler.");
        }

        if (site.PassesType("TaskFactory") || site.PassesType("Task"))
            return ($"{site}", "The task asks for the pool's global queue (PreferFairness). Leave the option out, or use a coroutine or an actor.");
        return ($"{site}", "Work on the thread pool runs on real threads. Use Task.Run, a coroutine or an actor, which the simulation runs in its own order.");
    }

    private static string By(CallSite site) => $"in {site.Caller ?? "code that is not on the stack"}";
}
