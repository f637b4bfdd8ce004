// The loads of the check, run for real. A closed load runs for a while and is looked at in short windows; a figure is the median of its
// windows, and windows in which the machine took cores away are left out. Latencies are those of one marked message or client, so
// that measuring them costs the others nothing.

using System.Diagnostics;

using Qi.Actors.Diagnostics;

namespace Qi.Actors.Load.Models;

/// <summary>What a run came to. CPU use is the operating system's and includes searching; NaN is not measured.</summary>
internal sealed record Measured(double PerSecond, double LatencyNs, double CpuUse)
{
    public static Measured MedianOf(IReadOnlyCollection<Measured> all)
        => new(
            Statistic.Median(all.Select(one => one.PerSecond)),
            Statistic.Median(all.Select(one => one.LatencyNs).Where(double.IsFinite)),
            Statistic.Median(all.Select(one => one.CpuUse)));
}

/// <summary>Runs loads.</summary>
internal static class Runs
{
    /// <summary>Undisturbed windows that are enough.</summary>
    public const int Windows = 15;

    /// <summary>Windows at most.</summary>
    public const int Tries = 60;

    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan s_window = TimeSpan.FromMilliseconds(10);

    /// <summary>A closed pipeline or ring.</summary>
    public static Measured Chain(LoadDescription load)
    {
        using var system = new ActorSystem();
        bool isRing = load.Shape == LoadShape.Ring;
        var mark = new Mark();
        var stages = new Stage[load.Parties];
        for (int i = 0; i < stages.Length; i++)
            stages[i] = new Stage(Work.StepsFor(load.Work[isRing ? 0 : i]), i == 0 ? mark : null);
        var refs = Array.ConvertAll(stages, stage => system.Spawn(() => stage));
        for (int i = 0; i < stages.Length; i++)
            stages[i].Next = refs[(i + 1) % stages.Length];
        for (int i = 0; i < load.MessagesInFlight; i++)
            refs[isRing ? (int)((long)i * refs.Length / load.MessagesInFlight) % refs.Length : 0].Tell(i == 0);
        var measured = Watch(system, () => stages.Sum(stage => stage.Handled), mark);
        return isRing
            ? measured with { LatencyNs = measured.LatencyNs / stages.Length }
            : measured with { PerSecond = measured.PerSecond / stages.Length };
    }

    /// <summary>Clients that ask and wait.</summary>
    public static Measured RequestReply(LoadDescription load)
    {
        using var system = new ActorSystem();
        var mark = new Mark();
        var replier = new Replier(Work.StepsFor(load.Work[0]));
        var actor = system.Spawn(() => replier);
        int steps = Work.StepsFor(load.PartyWork);
        for (int client = 0; client < load.Parties; client++)
            _ = system.Spawn(AskForEver(actor, steps, client == 0 ? mark : null));
        return Watch(system, () => replier.Handled, mark);
    }

    /// <summary>Senders that flood one actor; the time is that until all is handled.</summary>
    public static Measured FanIn(LoadDescription load)
    {
        const int Messages = 16_000;
        using var system = new ActorSystem();
        int steps = Work.StepsFor(load.Work[0]);
        var rates = Disturbance.Repeat(Windows, Tries, () =>
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var collector = system.Spawn(() => new Collector(steps, Messages, done));
            var use = new CpuUse(system.Statistics.WorkerThreads);
            long start = Stopwatch.GetTimestamp();
            for (int sender = 0; sender < load.Parties; sender++)
                _ = system.Spawn(SendAsync(collector, Messages / load.Parties));
            done.Task.GetAwaiter().GetResult();
            double rate = Messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
            collector.Complete();
            return new Measured(rate, double.NaN, use.Share());
        });
        return Measured.MedianOf(rates);
    }

    /// <summary>Tasks that are spawned and joined.</summary>
    public static Measured ForkJoin(LoadDescription load)
    {
        const int Forks = 11;
        using var system = new ActorSystem();
        int steps = Work.StepsFor(load.Work[0]);
        var forks = Disturbance.Repeat(Windows, Tries, () =>
        {
            var use = new CpuUse(system.Statistics.WorkerThreads);
            double ns = Statistic.Median(system.BlockOn(() => ForkOftenAsync(system, load.Parties, steps, Forks)));
            return new Measured(load.Parties / ns * 1e9, ns, use.Share());
        });
        return Measured.MedianOf(forks);
    }

    private static Measured Watch(ActorSystem system, Func<long> count, Mark mark)
    {
        Thread.Sleep(s_settle);
        var windows = Disturbance.Repeat(Windows, Tries, () =>
        {
            mark.TakeMeanNs();
            var use = new CpuUse(system.Statistics.WorkerThreads);
            long before = count();
            long start = Stopwatch.GetTimestamp();
            Thread.Sleep(s_window);
            double rate = (count() - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
            return new Measured(rate, mark.TakeMeanNs(), use.Share());
        });
        system.StopAsync(StopMode.Now).GetAwaiter().GetResult();
        return Measured.MedianOf(windows);
    }

    private static async Coroutine AskForEver(ActorRef<ReplyTo<ulong>> actor, int steps, Mark? mark)
    {
        ulong state = 1;
        while (true)
        {
            if (steps > 0)
                state = Work.Do(steps, state);
            long start = mark is null ? 0 : Stopwatch.GetTimestamp();
            try
            {
                state ^= await actor.AskAsync<ulong>(static reply => reply, TimeSpan.FromMinutes(1));
            }
            catch (AskRefusedException)
            {
                return; // The run is over.
            }

            mark?.Add(Stopwatch.GetTimestamp() - start);
        }
    }

    private static async Coroutine SendAsync(ActorRef<int> collector, int messages)
    {
        for (int i = 1; i <= messages; i++)
        {
            collector.Tell(i);
            if (i % 1000 == 0)
                await Coroutine.YieldAsync();
        }
    }

    private static async Coroutine<double[]> ForkOftenAsync(ActorSystem system, int tasks, int steps, int forks)
    {
        var times = new double[forks];
        var handles = new JoinHandle<ulong>[tasks];
        for (int fork = 0; fork < forks; fork++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < tasks; i++)
                handles[i] = system.Spawn(TaskAsync(steps, (ulong)i));
            ulong sum = 0;
            foreach (var handle in handles)
                sum ^= await handle;
            GC.KeepAlive(sum);
            times[fork] = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }

        return times;
    }

#pragma warning disable CS1998 // A task that computes and never waits.
    private static async Coroutine<ulong> TaskAsync(int steps, ulong state) => Work.Do(steps, state);
#pragma warning restore CS1998

    private sealed class Stage(int steps, Mark? mark) : Actor<bool>
    {
        private long _handled;
        private long _start;
        private ulong _state = 1;

        public ActorRef<bool> Next { get; set; } = null!;

        public long Handled => Volatile.Read(ref _handled);

        protected override void Receive(bool message)
        {
            if (message && mark is not null)
            {
                long now = Stopwatch.GetTimestamp();
                if (_start != 0)
                    mark.Add(now - _start);
                _start = now;
            }

            if (steps > 0)
                _state = Work.Do(steps, _state);
            Volatile.Write(ref _handled, _handled + 1);
            Next.Tell(message);
        }
    }

    private sealed class Replier(int steps) : Actor<ReplyTo<ulong>>
    {
        private long _handled;
        private ulong _state = 1;

        public long Handled => Volatile.Read(ref _handled);

        protected override void Receive(ReplyTo<ulong> message)
        {
            _state = Work.Do(steps, _state);
            Volatile.Write(ref _handled, _handled + 1);
            message.Tell(_state);
        }
    }

    private sealed class Collector(int steps, int messages, TaskCompletionSource done) : Actor<int>
    {
        private ulong _state = 1;
        private int _left = messages;

        protected override void Receive(int message)
        {
            _state = Work.Do(steps, _state);
            if (--_left == 0)
                done.SetResult();
        }
    }
}
