namespace Qi.Actors.Workloads;

/// <summary>Very many parties that all wait a short while: what a timer costs.</summary>
public static class Delay
{
    private const int Spread = 10;

    public static Workload Workload { get; } = new("delay", "timer", 200_000, size => size, new("Qi", Qi), new("Task", Tasks));

    public static long Qi(ActorSystem system, int size) => system.BlockOn(() => DelayAll(system, size));

    public static long Tasks(ActorSystem system, int size) => Task.Run(() => DelayAllTasks(size)).GetAwaiter().GetResult();

    private static TimeSpan Time(int i) => TimeSpan.FromMilliseconds(1 + (i % Spread));

    private static async Coroutine<long> DelayAll(ActorSystem system, int size)
    {
        var handles = new JoinHandle<int>[size];
        for (int i = 0; i < size; i++)
            handles[i] = system.Spawn(DelayOnce(i));
        long sum = 0;
        foreach (var handle in handles)
            sum += await handle;
        return sum;
    }

    private static async Coroutine<int> DelayOnce(int i)
    {
        await Coroutine.DelayAsync(Time(i));
        return 1;
    }

    private static async Task<long> DelayAllTasks(int size)
    {
        var tasks = new Task<int>[size];
        for (int i = 0; i < size; i++)
        {
            int number = i;
            tasks[i] = Task.Run(() => DelayOnceTask(number));
        }

        long sum = 0;
        foreach (var task in tasks)
            sum += await task.ConfigureAwait(false);
        return sum;
    }

    private static async Task<int> DelayOnceTask(int i)
    {
        await Task.Delay(Time(i)).ConfigureAwait(false);
        return 1;
    }
}
