using System.Diagnostics;

namespace Qi.Actors.Workloads;

/// <summary>Very many parties that all wait a short while: what a timer costs, and how late it is.</summary>
public static class Timers
{
    private const int Spread = 100;

    public static Workload Workload { get; } = new("timers", "timer", 200_000, size => size, new("Qi", Qi), new("Task", Tasks));

    public static Workload Overshoot { get; } = new(
        "overshoot",
        "timer",
        10_000,
        size => size,
        Rendering.Measuring("Qi", (system, size) => Late(size, (i, late) => system.Spawn(DelayOnce(i, late)).AsTask())),
        Rendering.Measuring("Task", (_, size) => Late(size, DelayOnceTask))) { Gauge = Gauge.Latency };

    public static long Qi(ActorSystem system, int size) => system.BlockOn(() => DelayAll(system, size));

    public static long Tasks(ActorSystem system, int size) => Task.Run(() => DelayAllTasks(size)).GetAwaiter().GetResult();

    private static TimeSpan Time(int i) => TimeSpan.FromMilliseconds(1 + (i % Spread));

    private static Outcome Late(int size, Func<int, long[], Task<int>> start)
    {
        var late = new long[size];
        var tasks = new Task<int>[size];
        for (int i = 0; i < size; i++)
            tasks[i] = start(i, late);
        long count = 0;
        foreach (var task in tasks)
            count += task.GetAwaiter().GetResult();
        return new Outcome(count) { Latencies = Latencies.Of(late) };
    }

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

    private static async Coroutine<int> DelayOnce(int i, long[] late)
    {
        long start = Stopwatch.GetTimestamp();
        await Coroutine.DelayAsync(Time(i));
        late[i] = LateTicks(start, i);
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

    private static async Task<int> DelayOnceTask(int i, long[] late)
    {
        long start = Stopwatch.GetTimestamp();
        await Task.Delay(Time(i)).ConfigureAwait(false);
        late[i] = LateTicks(start, i);
        return 1;
    }

    private static long LateTicks(long start, int i) => Stopwatch.GetTimestamp() - start - ((1 + (i % Spread)) * Stopwatch.Frequency / 1000);
}
