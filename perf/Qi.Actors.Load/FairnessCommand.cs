// Floods are actors that keep telling themselves something; a turn is one message, so that messages count turns.

using System.Diagnostics;

namespace Qi.Actors.Load;

/// <summary>What priorities do under floods.</summary>
internal static class FairnessCommand
{
    private const int FloodActors = 64;
    private const int Probes = 2000;
    private const double MaxMedianTurns = 64;
    private const double LeastShare = 1.0 / 200;

    public static int Run(Arguments arguments)
    {
        arguments.Allow("seconds");
        var time = TimeSpan.FromSeconds(arguments.Number("seconds", 2));
        bool isGood = Urgency(Priority.Low);
        isGood &= Urgency(Priority.Normal);
        isGood &= Urgency(Priority.High);
        isGood &= Share(Priority.Low, Priority.Normal, time);
        isGood &= Share(Priority.Low, Priority.High, time);
        isGood &= Share(Priority.Normal, Priority.High, time);
        isGood &= Share(Priority.Low, Priority.Critical, time);
        Console.WriteLine(isGood ? "PASS" : "FAIL");
        return isGood ? ExitCodes.Passed : ExitCodes.Failed;
    }

    private static ActorSystem NewSystem() => new(new QiActorsOptions { Name = "fair", TurnBudgetMessages = 1 });

    // How many turns of the flood pass between a tell to a Critical actor, from outside, and its turn.
    private static bool Urgency(Priority flood)
    {
        var system = NewSystem();
        var floods = Flood(system, flood, FloodActors);
        var probe = new Probe(floods);
        var actor = system.Spawn(() => probe, options: new ActorOptions { Priority = Priority.Critical });
        for (int i = 0; i < Probes; i++)
        {
            actor.Tell((Turns(floods), Stopwatch.GetTimestamp()));
            probe.Seen.Wait();
        }

        probe.Turns.Sort();
        probe.Micros.Sort();
        long median = probe.Turns[Probes / 2];
        bool isGood = median <= MaxMedianTurns;
        Console.WriteLine(
            $"Critical behind a flood of {flood,-8} waits for {median} turns ({probe.Turns[Probes * 99 / 100]} at 99 %, {probe.Turns[^1]} at most), "
            + $"{probe.Micros[Probes / 2]:0} µs ({probe.Micros[Probes * 99 / 100]:0} µs at 99 %, {probe.Micros[^1]:0} µs at most)  {(isGood ? "pass" : "FAIL")}");
        End(system);
        return isGood;
    }

    private static bool Share(Priority lower, Priority upper, TimeSpan time)
    {
        var system = NewSystem();
        var low = Flood(system, lower, FloodActors);
        var high = Flood(system, upper, FloodActors);
        Thread.Sleep(time / 4);
        long lowTurns = Turns(low);
        long highTurns = Turns(high);
        Thread.Sleep(time);
        lowTurns = Turns(low) - lowTurns;
        highTurns = Turns(high) - highTurns;
        double share = (double)lowTurns / Math.Max(1, lowTurns + highTurns);
        long starved = low.Count(flood => flood.Turns == 0);
        bool isGood = share >= LeastShare && starved == 0;
        Console.WriteLine($"{lower} under a flood of {upper,-8} gets {share:P2} of {lowTurns + highTurns:N0} turns, one in {1 / Math.Max(share, 1e-9):0}; {starved} of {FloodActors} got none  {(isGood ? "pass" : "FAIL")}");
        End(system);
        return isGood;
    }

    private static FloodActor[] Flood(ActorSystem system, Priority priority, int count)
    {
        var options = new ActorOptions { Priority = priority };
        var floods = Enumerable.Range(0, count).Select(_ => new FloodActor()).ToArray();
        foreach (var flood in floods)
            system.Spawn(() => flood, options: options).Tell(0);
        return floods;
    }

    private static long Turns(FloodActor[] floods)
    {
        long sum = 0;
        foreach (var flood in floods)
            sum += flood.Turns;
        return sum;
    }

    private static void End(ActorSystem system)
    {
        var report = system.StopAsync(StopMode.Now).GetAwaiter().GetResult();
        if (!report.IsComplete)
            Console.WriteLine($"  The system did not stop completely: {report}");
    }

    private sealed class FloodActor : Actor<int>
    {
        private long _turns;

        public long Turns => Volatile.Read(ref _turns);

        protected override void Receive(int message)
        {
            Volatile.Write(ref _turns, _turns + 1);
            Self.Tell(message);
        }
    }

    private sealed class Probe(FloodActor[] floods) : Actor<(long Turns, long Ticks)>
    {
        public SemaphoreSlim Seen { get; } = new(0);

        public List<long> Turns { get; } = [];

        public List<double> Micros { get; } = [];

        protected override void Receive((long Turns, long Ticks) message)
        {
            Micros.Add(Stopwatch.GetElapsedTime(message.Ticks).TotalMicroseconds);
            Turns.Add(FairnessCommand.Turns(floods) - message.Turns);
            Seen.Release();
        }
    }
}
