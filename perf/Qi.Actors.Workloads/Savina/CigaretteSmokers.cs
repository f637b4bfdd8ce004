using Qi.Actors.Platform;

namespace Qi.Actors.Workloads.Savina;

/// <summary>A party lets one of two hundred smokers smoke, 1,000 times: the next as soon as the one before has begun.</summary>
public static class CigaretteSmokers
{
    private const int Smokers = 200;
    private const int MostWork = 1000;
    private const int LeastWork = 10;

    public static Workload Workload { get; } =
        Benchmark.Of("cigarette-smokers", "cigarette", 1_000, static size => size, Run<QiCarrier>, Run<BlockCarrier>);

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        var smokers = new Smoker<TCarrier>[Smokers];
        var arbiter = round.Add(new Arbiter<TCarrier>(round, smokers, size));
        for (int i = 0; i < Smokers; i++)
            round.Add(smokers[i] = new Smoker<TCarrier>(arbiter));
        arbiter.Tell(default);
        round.End();
        return smokers.Sum(static smoker => smoker.Cigarettes);
    }

    private readonly record struct Next;

    private sealed class Arbiter<TCarrier>(Round<TCarrier> round, Smoker<TCarrier>[] smokers, int cigarettes)
        : Role<TCarrier, Next>
        where TCarrier : struct, ICarrier
    {
        private Rng _random = new(Smokers);
        private int _given;

        public override void Receive(Next message)
        {
            if (_given++ == cigarettes)
                round.Finish(0);
            else
                smokers[_random.Below(Smokers)].Self.Tell(LeastWork + (int)_random.Below(MostWork));
        }
    }

    private sealed class Smoker<TCarrier>(Party<TCarrier, Next> arbiter) : Role<TCarrier, int>
        where TCarrier : struct, ICarrier
    {
        private long _work;

        public long Cigarettes { get; private set; }

        public override void Receive(int message)
        {
            arbiter.Tell(default);
            Work.Spin(ref _work, message);
            Cigarettes++;
        }
    }
}
