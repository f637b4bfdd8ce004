// A thread outside of the system wakes a waiting party, which stores the time; the thread spins until it sees that, pauses, and
// wakes it again. With a pause of 20 µs the system's threads still look for work; after 2 ms they have gone to sleep.

using System.Diagnostics;
using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads;

/// <summary>How long it takes until a woken party runs.</summary>
public static class Wake
{
    private const int SpinIterations = 8;

    private static readonly TimeSpan s_spin = TimeSpan.FromMicroseconds(20);
    private static readonly TimeSpan s_sleep = TimeSpan.FromMilliseconds(2);

    public static Workload Searching { get; } = Make("wake-searching", 10_000, s_spin, isLoaded: false);

    public static Workload Parked { get; } = Make("wake-parked", 2_000, s_sleep, isLoaded: false);

    public static Workload Loaded { get; } = Make("wake-loaded", 10_000, s_spin, isLoaded: true);

    private static Workload Make(string name, int size, TimeSpan pause, bool isLoaded)
    {
        return new Workload(
            name,
            "wake",
            size,
            wakes => wakes,
            Rendering.Measuring("Qi", (system, wakes) => InSystem(system, isLoaded, () => Actor(system, wakes, pause))),
            Rendering.Measuring("Qi coroutine", (system, wakes) => InSystem(system, isLoaded, () => Suspended(system, wakes, pause))),
            Rendering.Measuring("ActionBlock", (_, wakes) => InPool(isLoaded, () => Block(wakes, pause))),
            Rendering.Measuring("Channel", (_, wakes) => InPool(isLoaded, () => Reader(wakes, pause))),
            Rendering.Measuring("Task", (_, wakes) => InPool(isLoaded, () => Source(wakes, pause))),
            Rendering.Measuring("ThreadPool", (_, wakes) => InPool(isLoaded, () => WorkItem(wakes, pause)))) { Gauge = Gauge.Latency };
    }

    private static Outcome Actor(ActorSystem system, int size, TimeSpan pause)
    {
        var bell = new Bell(size);
        var actor = system.Spawn<int>(_ => bell.Hear());
        var outcome = bell.Ring(() => actor.Tell(0), pause);
        actor.Complete();
        return outcome;
    }

    private static Outcome Suspended(ActorSystem system, int size, TimeSpan pause)
    {
        var bell = new Bell(size);
        var sleeper = system.Spawn(() => Sleep(bell));
        var outcome = bell.Ring(sleeper.Resume, pause);
        sleeper.GetAwaiter().GetResult();
        return outcome;
    }

    private static async Coroutine Sleep(Bell bell)
    {
        while (!bell.IsDone)
        {
            await Coroutine.SuspendAsync();
            bell.Hear();
        }
    }

    private static Outcome Block(int size, TimeSpan pause)
    {
        var bell = new Bell(size);
        var block = new ActionBlock<int>(_ => bell.Hear());
        return bell.Ring(() => block.Post(0), pause);
    }

    private static Outcome Reader(int size, TimeSpan pause)
    {
        var bell = new Bell(size);
        ChannelWriter<int> writer = ChannelLoop.Start<int>(_ => bell.Hear());
        var outcome = bell.Ring(() => writer.TryWrite(0), pause);
        writer.Complete();
        return outcome;
    }

    // A completion source rings once, so the sleeper lays out the next one before it is heard.
    private static Outcome Source(int size, TimeSpan pause)
    {
        var bell = new Bell(size);
        var source = NewSource();
        _ = Task.Run(async () =>
        {
            while (!bell.IsDone)
            {
                await source.Task.ConfigureAwait(false);
                source = NewSource();
                bell.Hear();
            }
        });
        return bell.Ring(() => source.SetResult(), pause);
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Outcome WorkItem(int size, TimeSpan pause)
    {
        var bell = new Bell(size);
        return bell.Ring(() => ThreadPool.UnsafeQueueUserWorkItem(static bell => bell.Hear(), bell, preferLocal: false), pause);
    }

    private static Outcome InSystem(ActorSystem system, bool isLoaded, Func<Outcome> work)
    {
        using var end = new CancellationTokenSource();
        var busy = new JoinHandle[isLoaded ? system.Statistics.WorkerThreads : 0];
        for (int i = 0; i < busy.Length; i++)
            busy[i] = system.Spawn(() => YieldForEver(end.Token));
        var outcome = work();
        end.Cancel();
        foreach (var handle in busy)
            handle.GetAwaiter().GetResult();
        return outcome;
    }

    private static Outcome InPool(bool isLoaded, Func<Outcome> work)
    {
        using var end = new CancellationTokenSource();
        var busy = new Task[isLoaded ? Environment.ProcessorCount : 0];
        for (int i = 0; i < busy.Length; i++)
            busy[i] = Task.Run(() => YieldForEverTask(end.Token));
        var outcome = work();
        end.Cancel();
        Task.WaitAll(busy);
        return outcome;
    }

    private static async Coroutine YieldForEver(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
            await Coroutine.YieldAsync();
    }

    private static async Task YieldForEverTask(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
            await Task.Yield();
    }

    private sealed class Bell(int size)
    {
        private readonly long[] _latencies = new long[size];
        private long _heardTicks;
        private int _heard;

        public bool IsDone => Volatile.Read(ref _heard) == size;

        /// <summary>The party runs.</summary>
        public void Hear()
        {
            long now = Stopwatch.GetTimestamp();
            _heard++;
            Volatile.Write(ref _heardTicks, now);
        }

        public Outcome Ring(Action wake, TimeSpan pause)
        {
            for (int i = 0; i < _latencies.Length; i++)
            {
                Pause(pause);
                _heardTicks = 0;
                long start = Stopwatch.GetTimestamp();
                wake();
                long heard;
                while ((heard = Volatile.Read(ref _heardTicks)) == 0)
                    Thread.SpinWait(SpinIterations);
                _latencies[i] = heard - start;
            }

            return new Outcome(_heard) { Latencies = Latencies.Of(_latencies) };
        }

        private static void Pause(TimeSpan pause)
        {
            if (pause >= s_sleep)
            {
                Thread.Sleep(pause);
                return;
            }

            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < pause)
                Thread.SpinWait(SpinIterations);
        }
    }
}
