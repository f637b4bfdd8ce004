// Measures unit costs. Each kernel is a short run (a few hundred microseconds) that returns nanoseconds an operation. All kernels are
// run in turn, again and again, so that a disturbance hits all of them alike, and a cost is the median of its runs: a run
// that lost its core counts once, whatever it lost. Runs that need several cores at once lose one more often, and losing one
// only ever adds time: of those it is the lower quartile.
//
// Costs of one side are measured on a system with one dispatcher, where nothing travels between cores; what stealing and remote
// messages cost, on a system with all of them.

namespace Qi.Actors.Diagnostics;

/// <summary>Measures unit costs on two systems of its own.</summary>
internal sealed class UnitCostMeter(int dispatchers, TimeProvider clock)
{
    private const int Rounds = 61;
    private const double Median = 0.5;
    private const double LowerQuartile = 0.25;

    private const int WarmUpRounds = 21;
    private const double StillFaster = 0.95;

    // The compiler's later tiers come in after some tenths of a second, or later where cores are scarce.
    private static readonly TimeSpan s_leastWarmUp = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan s_mostWarmUp = TimeSpan.FromSeconds(4);

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
            new(one.Burst, 2, Median),
            new(one.Hop, 3, Median),
            new(one.Yield, 1, Median),
            new(one.SpawnJoin, 2, Median),
            new(one.Ask, 1, Median),
            new(outside.PickUp, 1, LowerQuartile),
            new(outside.Wake, 2, LowerQuartile),
        ];
        if (count > 1)
        {
            var all = new TeamKernels(team, solo, clock);
            kernels.AddRange([new(all.Stolen, 1, LowerQuartile), new(all.Remote, 1, LowerQuartile), new(all.Crowding, 1, LowerQuartile)]);
        }

        WarmUp(kernels, cancellationToken);
        for (int round = 0; round < Rounds; round++)
        {
            RunAll(kernels, cancellationToken);
            progress?.Report((round + 1.0) / Rounds);
        }

        return Sum([.. kernels.Select(kernel => kernel.Figures())], count > 1);
    }

    // Until nothing becomes faster any more.
    private void WarmUp(List<Kernel> kernels, CancellationToken cancellationToken)
    {
        long start = clock.GetTimestamp();
        double before;
        double nowNs = double.PositiveInfinity;
        do
        {
            before = nowNs;
            for (int round = 0; round < WarmUpRounds; round++)
                RunAll(kernels, cancellationToken);
            nowNs = kernels.Take(SoloKernels.Count).Sum(kernel => kernel.Figures()[0]);
            kernels.ForEach(kernel => kernel.Forget());
        }
        while (clock.GetElapsedTime(start) < s_leastWarmUp || (nowNs < StillFaster * before && clock.GetElapsedTime(start) < s_mostWarmUp));
    }

    private static void RunAll(List<Kernel> kernels, CancellationToken cancellationToken)
    {
        foreach (var kernel in kernels)
        {
            cancellationToken.ThrowIfCancellationRequested();
            kernel.RunOnce();
        }
    }

    private static UnitCosts Sum(double[][] figures, bool hasTeam)
    {
        double tellNs = figures[0][0];
        double handleNs = figures[0][1];
        double turnNs = Math.Max(0, figures[1][0] - tellNs - handleNs);
        double runNs = Math.Max(0, BeyondMessages(SoloKernels.FewMessages, figures[1][1]) - turnNs);
        double lingerNs = Math.Max(0, BeyondMessages(SoloKernels.ManyMessages, figures[1][2]) - turnNs - runNs);
        return new UnitCosts
        {
            TellNs = tellNs,
            HandleNs = handleNs,
            TurnNs = turnNs,
            RunNs = runNs,
            LingerNs = lingerNs,
            YieldNs = figures[2][0],
            SpawnNs = figures[3][0],
            JoinNs = figures[3][1],
            AskNs = figures[4][0],
            PickUpNs = figures[5][0],
            WakeNs = Math.Max(figures[5][0], figures[6][0]),
            UnparkNs = figures[6][1],
            StealNs = hasTeam ? Math.Max(0, figures[7][0] - turnNs - handleNs) : 0,
            RemoteNs = hasTeam ? figures[8][0] : 0,
            Crowding = hasTeam ? Math.Max(1, figures[9][0]) : 1,
        };

        // What a turn of so many messages costs besides telling and handling them.
        double BeyondMessages(int messages, double hopNs) => messages * (hopNs - tellNs - handleNs);
    }

    // A turn that is interrupted by another process must not be taken for blocked: a hand-off would be measured.
    private static ActorSystem NewSystem(string name, int workers)
        => new(new QiActorsOptions { Name = name, WorkerThreads = workers, BlockedTurnThreshold = TimeSpan.FromSeconds(10) });

    // Takes the value below which this share of the runs is.
    private sealed class Kernel(Action<double[]> run, int figures, double share)
    {
        private readonly List<double[]> _runs = [];

        public void RunOnce()
        {
            var result = new double[figures];
            run(result);
            _runs.Add(result);
        }

        public void Forget() => _runs.Clear();

        public double[] Figures()
            => [.. Enumerable.Range(0, figures).Select(i => _runs.Select(result => result[i]).Order().ElementAt((int)(_runs.Count * share)))];
    }
}
