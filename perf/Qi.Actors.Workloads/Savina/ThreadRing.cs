namespace Qi.Actors.Workloads.Savina;

/// <summary>A hundred parties in a ring, and one message that is passed on 100,000 times.</summary>
public static class ThreadRing
{
    private const int Parties = 100;

    public static Workload Workload { get; } =
        Benchmark.Of("thread-ring", "hop", 100_000, static size => size, Run<QiCarrier>, Run<BlockCarrier>);

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        var links = new Link<TCarrier>[Parties];
        for (int i = 0; i < Parties; i++)
            round.Add(links[i] = new Link<TCarrier>(round));
        for (int i = 0; i < Parties; i++)
            links[i].Next = links[(i + 1) % Parties].Self;
        links[0].Self.Tell(size);
        round.End();
        return links.Sum(static link => link.Hops);
    }

    private sealed class Link<TCarrier>(Round<TCarrier> round) : Role<TCarrier, int>
        where TCarrier : struct, ICarrier
    {
        public Party<TCarrier, int> Next { get; set; }

        public long Hops { get; private set; }

        public override void Receive(int message)
        {
            if (message == 0)
            {
                round.Finish(0);
                return;
            }

            Hops++;
            Next.Tell(message - 1);
        }
    }
}
