namespace Qi.Actors.Workloads;

/// <summary>One coroutine spawns many that do nothing, and joins them all.</summary>
public static class SpawnJoin
{
    public static Workload Workload { get; } = new(
        "spawn", "task", 1_000_000, size => size, new("Qi", Qi), new("Task", Tasks), new("ThreadPool", WorkItems) { IsComparable = false })
    {
        Gen0Bytes = 128 << 20, // The million handles keep a hundred megabytes alive.
    };

    public static long Qi(ActorSystem system, int size) => system.BlockOn(() => SpawnAll(system, size));

    public static long Tasks(ActorSystem system, int size) => Task.Run(() => RunAll(size)).GetAwaiter().GetResult();

    // Work items give no handle to join: less than what the others do.
    public static long WorkItems(ActorSystem system, int size)
    {
        var tally = new Tally(size);
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                for (int i = 0; i < size; i++)
                    ThreadPool.UnsafeQueueUserWorkItem(static tally => tally.Add(1), tally, preferLocal: true);
            },
            null);
        return tally.Result;
    }

    private static async Coroutine<long> SpawnAll(ActorSystem system, int size)
    {
        var handles = new JoinHandle<int>[size];
        for (int i = 0; i < size; i++)
            handles[i] = system.Spawn(Nothing());
        long sum = 0;
        for (int i = 0; i < size; i++)
            sum += await handles[i];
        return sum;
    }

    private static async Task<long> RunAll(int size)
    {
        var tasks = new Task<int>[size];
        for (int i = 0; i < size; i++)
            tasks[i] = Task.Run(static () => 1);
        long sum = 0;
        for (int i = 0; i < size; i++)
            sum += await tasks[i].ConfigureAwait(false);
        return sum;
    }

    private static Coroutine<int> Nothing() => One();

#pragma warning disable CS1998 // An empty coroutine is what is measured.
    private static async Coroutine<int> One() => 1;
#pragma warning restore CS1998
}
