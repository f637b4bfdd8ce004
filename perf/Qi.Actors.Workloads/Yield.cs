namespace Qi.Actors.Workloads;

/// <summary>A thousand coroutines that let each other run.</summary>
public static class Yield
{
    private const int Parties = 1000;

    public static Workload Workload { get; } = new("yield", "yield", 1_000_000, size => Parties * Rounds(size), new("Qi", Qi), new("Task", Tasks));

    public static long Qi(ActorSystem system, int size) => system.BlockOn(() => RunAll(system, Rounds(size)));

    public static long Tasks(ActorSystem system, int size) => Task.Run(() => RunAllTasks(Rounds(size))).GetAwaiter().GetResult();

    private static long Rounds(int size) => Math.Max(1, size / Parties);

    private static async Coroutine<long> RunAll(ActorSystem system, long rounds)
    {
        var handles = new JoinHandle<long>[Parties];
        for (int i = 0; i < Parties; i++)
            handles[i] = system.Spawn(YieldOften(rounds));
        long sum = 0;
        foreach (var handle in handles)
            sum += await handle;
        return sum;
    }

    private static async Coroutine<long> YieldOften(long rounds)
    {
        for (long i = 0; i < rounds; i++)
            await Coroutine.YieldAsync();
        return rounds;
    }

    private static async Task<long> RunAllTasks(long rounds)
    {
        var tasks = new Task<long>[Parties];
        for (int i = 0; i < Parties; i++)
            tasks[i] = Task.Run(() => YieldOftenTask(rounds));
        long sum = 0;
        foreach (var task in tasks)
            sum += await task.ConfigureAwait(false);
        return sum;
    }

    private static async Task<long> YieldOftenTask(long rounds)
    {
        for (long i = 0; i < rounds; i++)
            await Task.Yield();
        return rounds;
    }
}
