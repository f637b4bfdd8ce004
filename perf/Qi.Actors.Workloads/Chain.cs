namespace Qi.Actors.Workloads;

/// <summary>A task spawns the next one and ends: what a spawn costs when nothing else is to do.</summary>
public static class Chain
{
    public static Workload Workload { get; } = new(
        "chain", "task", 1_000_000, size => size, new("Qi", Qi), new("Task", Tasks), new("ThreadPool", WorkItems));

    public static long Qi(ActorSystem system, int size)
    {
        var end = new End(size);
        _ = system.Spawn(Link(system, end, size));
        return end.Links;
    }

    public static long Tasks(ActorSystem system, int size)
    {
        var end = new End(size);
        _ = Task.Run(() => LinkTask(end, size));
        return end.Links;
    }

    public static long WorkItems(ActorSystem system, int size)
    {
        var end = new End(size);
        ThreadPool.UnsafeQueueUserWorkItem(new WorkItem(end, size), preferLocal: true);
        return end.Links;
    }

#pragma warning disable CS1998 // A coroutine without an await is what is measured.
    private static async Coroutine Link(ActorSystem system, End end, int left)
    {
        if (left > 1)
            _ = system.Spawn(Link(system, end, left - 1));
        else
            end.Reach(left);
    }
#pragma warning restore CS1998

    private static void LinkTask(End end, int left)
    {
        if (left > 1)
            _ = Task.Run(() => LinkTask(end, left - 1));
        else
            end.Reach(left);
    }

    private sealed class End(int size)
    {
        private readonly TaskCompletionSource<long> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Links => _reached.Task.GetAwaiter().GetResult();

        public void Reach(int left) => _reached.SetResult(size - left + 1);
    }

    private sealed class WorkItem(End end, int left) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            if (left > 1)
                ThreadPool.UnsafeQueueUserWorkItem(new WorkItem(end, left - 1), preferLocal: true);
            else
                end.Reach(left);
        }
    }
}
