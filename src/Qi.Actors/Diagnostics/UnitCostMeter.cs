// Measures unit costs. Each kernel is a short run (a few hundred microseconds) that returns nanoseconds an operation. All kernels are
// run in turn, again and again, so that a disturbance hits all of them alike, and a cost is the median of its runs: a run
// that lost its core counts once, whatever it lost.
//
// Costs of one side are measured on a system with one dispatcher, where nothing travels between cores; what stealing and remote
// messages cost, on a system with all of them.

namespace Qi.Actors.Diagnostics;

/// <summary>Measures unit costs on two systems of its own.</summary>
internal sealed class UnitCostMeter(int dispatchers, TimeProvider clock)
{
    private const int Rounds = 60;

    // Long enough for the compiler's later tiers: they come in after some tenths of a second.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(600);

    /// <summary>Blocks the calling thread while it measures.</summary>
    public UnitCosts Measure(IProgress<double>? progress, CancellationToken cancellationToken)
    {
        using var solo = NewSystem("cost-one", 1);
        using var team = NewSystem("cost-all", dispatchers);
        int count = team.Statistics.WorkerThreads;
        var one = new SoloKernels(solo, clock);
        var outside = new OutsideKernels(solo, clock);
        List<Kernel> kernels =
        [
            new(one.Burst, 2), new(one.Hop, 1), new(one.Yield, 1), new(one.SpawnJoin, 2), new(one.Ask, 1), new(outside.PickUp, 1), new(outside.Wake, 2),
        ];
        if (count > 1)
        {
            var all = new TeamKernels(team, solo, clock);
            kernels.AddRange([new(all.Stolen, 1), new(all.Remote, 1), new(all.Crowding, 1)]);
        }

        long start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < s_warmUp)
            RunAll(kernels, cancellationToken);
        kernels.ForEach(kernel => kernel.Forget());
        for (int round = 0; round < Rounds; round++)
        {
            RunAll(kernels, cancellationToken);
            progress?.Report((round + 1.0) / Rounds);
        }

        return Sum([.. kernels.Select(kernel => kernel.Medians())], count > 1);
    }

    private static void RunAll(List<Kernel> kernels, CancellationToken cancellationToken)
    {
        foreach (var kernel in kernels)
        {
            cancellationToken.ThrowIfCancellationRequested();
            kernel.RunOnce();
        }
    }

    private static UnitCosts Sum(double[][] medians, bool hasTeam)
    {
        double tellNs = medians[0][0];
        double handleNs = medians[0][1];
        double turnNs = Math.Max(0, medians[1][0] - tellNs - handleNs);
        return new UnitCosts
        {
            TellNs = tellNs,
            HandleNs = handleNs,
            TurnNs = turnNs,
            YieldNs = medians[2][0],
            SpawnNs = medians[3][0],
            JoinNs = medians[3][1],
            AskNs = medians[4][0],
            PickUpNs = medians[5][0],
            WakeNs = Math.Max(medians[5][0], medians[6][0]),
            UnparkNs = medians[6][1],
            StealNs = hasTeam ? Math.Max(0, medians[7][0] - turnNs - handleNs) : 0,
            RemoteNs = hasTeam ? medians[8][0] : 0,
            Crowding = hasTeam ? Math.Max(1, medians[9][0]) : 1,
        };
    }

    // A turn that is interrupted by another process must not be taken for blocked: a hand-off would be measured.
    private static ActorSystem NewSystem(string name, int workers)
        => new(new QiActorsOptions { Name = name, WorkerThreads = workers, BlockedTurnThreshold = TimeSpan.FromSeconds(10) });

    private sealed class Kernel(Action<double[]> run, int figures)
    {
        private readonly List<double[]> _runs = [];

        public void RunOnce()
        {
            var result = new double[figures];
            run(result);
            _runs.Add(result);
        }

        public void Forget() => _runs.Clear();

        public double[] Medians()
        {
            var medians = new double[figures];
            for (int i = 0; i < figures; i++)
            {
                double[] sorted = [.. _runs.Select(run => run[i]).Order()];
                medians[i] = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
            }

            return medians;
        }
    }
}
