// An open load: this thread is the world outside. It draws the times of a Poisson process in advance and tells each message at its time,
// whatever has become of the others; the latency counts from that time, so that a late tell is a part of it. The system has one
// dispatcher, since this thread keeps one core busy.

using System.Diagnostics;

using Qi.Actors.Diagnostics;

namespace Qi.Actors.Load.Models;

/// <summary>Runs an open load.</summary>
internal static class Arrivals
{
    private const int ArrivalsAWindow = 2000;

    public static Measured Run(LoadDescription load)
    {
        using var system = new ActorSystem(new QiActorsOptions { WorkerThreads = 1 });
        int steps = Work.StepsFor(load.Work[0]);
        var servers = Enumerable.Range(0, load.Parties).Select(_ => new Server(steps)).ToArray();
        var refs = Array.ConvertAll(servers, server => system.Spawn(() => server));
        var random = new Random(42);
        double meanTicks = Stopwatch.Frequency / load.ArrivalsPerSecond;
        long expected = 0;
        var windows = Disturbance.Repeat(Runs.Windows, Runs.Tries, () =>
        {
            var use = new CpuUse(1);
            long start = Stopwatch.GetTimestamp();
            double due = start;
            for (int i = 0; i < ArrivalsAWindow; i++)
            {
                due -= Math.Log(1 - random.NextDouble()) * meanTicks;
                while (Stopwatch.GetTimestamp() < due)
                    Thread.SpinWait(1);
                refs[i % refs.Length].Tell((long)due);
            }

            expected += ArrivalsAWindow;
            while (servers.Sum(server => server.Handled) < expected)
                Thread.SpinWait(8);
            double rate = ArrivalsAWindow / Stopwatch.GetElapsedTime(start).TotalSeconds;
            double latencyNs = servers.Sum(server => server.TakeTicks()) * (1e9 / Stopwatch.Frequency) / ArrivalsAWindow;
            return new Measured(rate, latencyNs, Math.Max(0, use.Share() - 1)); // less this thread's own
        });

        // Each window has as many arrivals as any other: their mean is the mean of all arrivals.
        return new Measured(windows.Average(one => one.PerSecond), windows.Average(one => one.LatencyNs), windows.Average(one => one.CpuUse));
    }

    private sealed class Server(int steps) : Actor<long>
    {
        private long _handled;
        private long _ticks;
        private ulong _state = 1;

        public long Handled => Volatile.Read(ref _handled);

        public long TakeTicks() => Interlocked.Exchange(ref _ticks, 0);

        protected override void Receive(long message)
        {
            _state = Work.Do(steps, _state);
            _ticks += Stopwatch.GetTimestamp() - message;
            Volatile.Write(ref _handled, _handled + 1);
        }
    }
}

/// <summary>Processor time of this process since it was made, as a share of some cores.</summary>
internal sealed class CpuUse(int cores)
{
    private readonly TimeSpan _before = Environment.CpuUsage.TotalTime;
    private readonly long _start = Stopwatch.GetTimestamp();

    public double Share() => (Environment.CpuUsage.TotalTime - _before) / Stopwatch.GetElapsedTime(_start) / cores;
}

/// <summary>Adds up the latencies of one marked party; another thread takes their mean.</summary>
internal sealed class Mark
{
    private readonly Lock _lock = new();
    private long _ticks;
    private long _count;

    public void Add(long ticks)
    {
        lock (_lock)
        {
            _ticks += ticks;
            _count++;
        }
    }

    public double TakeMeanNs()
    {
        lock (_lock)
        {
            double mean = _count == 0 ? double.NaN : (double)_ticks / _count * (1e9 / Stopwatch.Frequency);
            (_ticks, _count) = (0, 0);
            return mean;
        }
    }
}
