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
        Rendering.Measuring("Qi", (system, size) => Late(size, late => system.BlockOn(() => DelayAll(size, i => system.Spawn(DelayOnce(i, late)))))),
        Rendering.Measuring("Task", (_, size) => Late(size, late => Task.Run(() => DelayAllTasks(size, i => DelayOnceTask(i, late))).GetAwaiter().GetResult()))) { Gauge = Gauge.Latency };

    public static long Qi(ActorSystem system, int size) => system.BlockOn(() => DelayAll(size, i => system.Spawn(DelayOnce(i))));

    public static long Tasks(ActorSystem system, int size) => Task.Run(() => DelayAllTasks(size, DelayOnceTask)).GetAwaiter().GetResult();

    private static TimeSpan Time(int i) => TimeSpan.FromMilliseconds(1 + (i % Spread));

    private static Outcome Late(int size, Func<long[], long> run)
    {
        var late = new long[size];
        return new Outcome(run(late)) { Latencies = Latencies.Of(late) };
    }

    private static async Coroutine<long> DelayAll(int size, Func<int, JoinHandle<int>> start)
    {
        var handles = new JoinHandle<int>[size];
        for (int i = 0; i < size; i++)
            handles[i] = start(i);
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

    private static async Task<long> DelayAllTasks(int size, Func<int, Task<int>> start)
    {
        var tasks = new Task<int>[size];
        for (int i = 0; i < size; i++)
        {
            int number = i;
            tasks[i] = Task.Run(() => start(number));
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
