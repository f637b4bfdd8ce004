namespace Qi.Actors.Workloads.Savina;

/// <summary>One party tells another a million times to count, and asks it for the count.</summary>
public static class Counting
{
    public static Workload Workload { get; } =
        Benchmark.Of("counting", "message", 1_000_000, static size => size, Run<QiCarrier>, Run<BlockCarrier>);

    internal static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        var counter = round.Add(new Counter<TCarrier>());
        var producer = round.Add(new Producer<TCarrier>(round, counter, size));
        producer.Tell(Producer<TCarrier>.Begin);
        return round.End();
    }

    /// <summary>Counts one more, or asks for the count if there is somebody to tell it to.</summary>
    private readonly record struct Count<TCarrier>(Party<TCarrier, int> ReplyTo)
        where TCarrier : struct, ICarrier;

    private sealed class Counter<TCarrier> : Role<TCarrier, Count<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        private int _count;

        public override void Receive(Count<TCarrier> message)
        {
            if (message.ReplyTo.IsNobody)
                _count++;
            else
                message.ReplyTo.Tell(_count);
        }
    }

    private sealed class Producer<TCarrier>(Round<TCarrier> round, Party<TCarrier, Count<TCarrier>> counter, int size)
        : Role<TCarrier, int>
        where TCarrier : struct, ICarrier
    {
        public const int Begin = -1;

        public override void Receive(int message)
        {
            if (message != Begin)
            {
                round.Finish(message);
                return;
            }

            for (int i = 0; i < size; i++)
                counter.Tell(default);
            counter.Tell(new Count<TCarrier>(Self));
        }
    }
}
