// Every round measures the unit costs anew and runs all loads right after it, so that a machine that is slower for a while is slower for
// both; an error is the median of the rounds' ratios.

using Qi.Actors.Diagnostics;
using Qi.Actors.Load.Models;

namespace Qi.Actors.Load;

/// <summary>Checks the performance model: predicts loads from measured unit costs and runs them.</summary>
internal static class ModelCommand
{
    private const double Tolerance = 0.2;
    private const int Needed = 5;

    public static int Run(Arguments arguments)
    {
        arguments.Allow("rounds");
        int rounds = (int)arguments.Number("rounds", 5);
        int dispatchers;
        using (var system = new ActorSystem())
            dispatchers = system.Statistics.WorkerThreads;
        var checks = Checks();
        for (int round = 0; round < rounds; round++)
        {
            var costs = UnitCosts.MeasureAsync(dispatchers).GetAwaiter().GetResult();
            Work.Calibrate();
            Show(costs, round);
            foreach (var check in checks)
                check.RunOnce(costs, check.IsOpen ? 1 : dispatchers);
        }

        Console.WriteLine();
        Console.WriteLine($"{"load",-24} {"",-10} {"predicted",12} {"measured",12} {"error",8}");
        int good = 0;
        foreach (var check in checks)
            good += check.Print(Tolerance) ? 1 : 0;
        bool isGood = good >= Needed;
        Console.WriteLine($"{good} of {checks.Length} loads within {Tolerance:P0}  {(isGood ? "PASS" : $"FAIL (at least {Needed})")}");
        return isGood ? ExitCodes.Passed : ExitCodes.Failed;
    }

    // None of them is a kernel that the costs were measured by.
    private static Check[] Checks()
    {
        var micro = TimeSpan.FromMicroseconds(1);
        return
        [
            new("pipeline, 64 in flight", LoadDescription.Pipeline(64, micro, micro, micro), Runs.Chain),
            new("pipeline, 1,024", LoadDescription.Pipeline(1024, micro, micro, micro), Runs.Chain),
            new("uneven pipeline, 1,024", LoadDescription.Pipeline(1024, micro / 2, 3 * micro, micro / 2), Runs.Chain),
            new("ring of 100, 8 messages", LoadDescription.Ring(100, 8, TimeSpan.Zero), Runs.Chain),
            new("ring of 1,000, 64", LoadDescription.Ring(1000, 64, TimeSpan.FromTicks(1)), Runs.Chain),
            new("64 clients", LoadDescription.RequestReply(64, 2 * micro), Runs.RequestReply),
            new("4 clients that compute", LoadDescription.RequestReply(4, 4 * micro) with { PartyWork = 2 * micro }, Runs.RequestReply),
            new("fan-in of 8", LoadDescription.FanIn(8, micro), Runs.FanIn),
            new("fork-join of 500", LoadDescription.ForkJoin(500, 5 * micro), Runs.ForkJoin),
            new("arrivals at 50 %", LoadDescription.Arrivals(0.5 / (5 * micro).TotalSeconds, 1, 5 * micro), Arrivals.Run),
            new("arrivals at 80 %", LoadDescription.Arrivals(0.8 / (10 * micro).TotalSeconds, 4, 10 * micro), Arrivals.Run),
        ];
    }

    private static void Show(UnitCosts costs, int round)
        => Console.WriteLine(
            $"round {round + 1}: tell {costs.TellNs:0.0}, handle {costs.HandleNs:0.0}, turn {costs.TurnNs:0.0}, run {costs.RunNs:0.0}, linger {costs.LingerNs:0}, yield {costs.YieldNs:0.0}, spawn {costs.SpawnNs:0.0}, "
            + $"join {costs.JoinNs:0.0}, ask {costs.AskNs:0}, steal {costs.StealNs:0}, remote {costs.RemoteNs:0.0}, pick-up {costs.PickUpNs:0}, wake {costs.WakeNs:0}, "
            + $"unpark {costs.UnparkNs:0} ns; crowding {costs.Crowding:0.00}");

    private sealed class Check(string name, LoadDescription load, Func<LoadDescription, Measured> run)
    {
        private readonly List<(Prediction Predicted, Measured Measured)> _rounds = [];

        public bool IsOpen => load.ArrivalsPerSecond > 0;

        public void RunOnce(UnitCosts costs, int dispatchers)
        {
            GC.Collect();
            _rounds.Add((new PerformanceModel(costs, dispatchers).Predict(load), run(load)));
        }

        // The throughput of an open load is what arrives: there the latency is what can be wrong.
        public bool Print(double tolerance)
        {
            double rateError = Line("a second", pair => pair.Predicted.ThroughputPerSecond, pair => pair.Measured.PerSecond, "N0", !IsOpen, tolerance);
            double latencyError = Line("latency µs", pair => pair.Predicted.MeanLatencyNs / 1e3, pair => pair.Measured.LatencyNs / 1e3, "N2", IsOpen, tolerance);
            Line("CPU use", pair => pair.Predicted.Utilisation, pair => pair.Measured.CpuUse, "P0", isJudged: false, tolerance);
            Console.WriteLine($"{"",-24} {_rounds[^1].Predicted.Bottleneck}");
            return Math.Abs(IsOpen ? latencyError : rateError) <= tolerance;
        }

        private double Line(
            string what,
            Func<(Prediction Predicted, Measured Measured), double> predicted,
            Func<(Prediction Predicted, Measured Measured), double> measured,
            string format,
            bool isJudged,
            double tolerance)
        {
            double prediction = Statistic.Median(_rounds.Select(predicted));
            double outcome = Statistic.Median(_rounds.Select(measured));
            if (!double.IsFinite(prediction) || !double.IsFinite(outcome))
                return double.NaN;
            double error = Statistic.Median(_rounds.Select(pair => (predicted(pair) / measured(pair)) - 1));
            string verdict = !isJudged ? "" : Math.Abs(error) <= tolerance ? "  pass" : "  FAIL";
            Console.WriteLine($"{name,-24} {what,-10} {prediction.ToString(format),12} {outcome.ToString(format),12} {error,8:+0.0 %;-0.0 %}{verdict}");
            return error;
        }
    }
}
