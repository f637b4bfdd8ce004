namespace Qi.Actors.Workloads.Savina;

/// <summary>Sixty parties get 10,000 messages each, in turn.</summary>
public static class ForkJoinThroughput
{
    private const int Parties = 60;

    public static Workload Workload { get; } =
        Benchmark.Of("fork-join-throughput", "message", 600_000, static size => size, Run<QiCarrier>, Run<BlockCarrier>, Parties);

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        int messages = Benchmark.Share(size, Parties);
        var round = new Round<TCarrier>(system);
        round.AwaitParts(Parties);
        var workers = new Party<TCarrier, double>[Parties];
        for (int i = 0; i < Parties; i++)
            workers[i] = round.Add(new Worker<TCarrier>(round, messages));
        for (int i = 0; i < messages; i++)
        {
            foreach (var worker in workers)
                worker.Tell(ForkJoinCreate.Theta);
        }

        return round.End();
    }

    private sealed class Worker<TCarrier>(Round<TCarrier> round, int messages) : Role<TCarrier, double>
        where TCarrier : struct, ICarrier
    {
        private int _seen;
        private int _done;

        public override void Receive(double message)
        {
            if (Work.SquareOfSine(message) > 0)
                _done++;
            if (++_seen == messages)
                round.Finish(_done);
        }
    }
}

/// <summary>Forty thousand parties are made, get a message each, and end.</summary>
public static class ForkJoinCreate
{
    /// <summary>An angle, as the suite has it.</summary>
    internal const double Theta = 37.2;

    public static Workload Workload { get; } =
        Benchmark.Of("fork-join-create", "party", 40_000, static size => size, Run<QiCarrier>, Run<BlockCarrier>);

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        round.AwaitParts(size);
        for (int i = 0; i < size; i++)
            round.Spawn(new Worker<TCarrier>(round)).Tell(Theta);
        return round.End();
    }

    private sealed class Worker<TCarrier>(Round<TCarrier> round) : Role<TCarrier, double>
        where TCarrier : struct, ICarrier
    {
        public override void Receive(double message)
        {
            Self.Complete();
            round.Finish(Work.SquareOfSine(message) > 0 ? 1 : 0);
        }
    }
}
