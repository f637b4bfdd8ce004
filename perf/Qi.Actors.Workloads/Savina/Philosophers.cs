namespace Qi.Actors.Workloads.Savina;

/// <summary>
/// Twenty philosophers eat 10,000 times each; a party that holds the forks gives both or none, and whom it refuses asks again.
/// </summary>
public static class Philosophers
{
    private const int Seats = 20;

    public static Workload Workload { get; } =
        Benchmark.Of("philosophers", "meal", 200_000, static size => size, Run<QiCarrier>, Run<BlockCarrier>, Seats);

    private enum Word
    {
        Begin,
        Eat,
        Denied,
    }

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        round.AwaitParts(Seats);
        var table = round.Add(new Table<TCarrier>(round));
        var philosophers = new Party<TCarrier, Word>[Seats];
        for (int i = 0; i < Seats; i++)
            philosophers[i] = round.Add(new Philosopher<TCarrier>(round, table, i, Benchmark.Share(size, Seats)));
        foreach (var philosopher in philosophers)
            philosopher.Tell(Word.Begin);
        return round.End();
    }

    /// <summary>A hungry philosopher, or, without an address, one that has eaten.</summary>
    private readonly record struct Request<TCarrier>(int Seat, Party<TCarrier, Word> Hungry)
        where TCarrier : struct, ICarrier;

    private sealed class Table<TCarrier>(Round<TCarrier> round) : Role<TCarrier, Request<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        private readonly bool[] _isTaken = new bool[Seats];

        public override void Receive(Request<TCarrier> message)
        {
            ref bool left = ref _isTaken[message.Seat];
            ref bool right = ref _isTaken[(message.Seat + 1) % Seats];
            if (message.Hungry.IsNobody)
            {
                if (!left || !right)
                    round.Fail($"Philosopher {message.Seat} ate without both forks.");
                left = right = false;
            }
            else if (left || right)
            {
                message.Hungry.Tell(Word.Denied);
            }
            else
            {
                left = right = true;
                message.Hungry.Tell(Word.Eat);
            }
        }
    }

    private sealed class Philosopher<TCarrier>(
        Round<TCarrier> round, Party<TCarrier, Request<TCarrier>> table, int seat, int meals)
        : Role<TCarrier, Word>
        where TCarrier : struct, ICarrier
    {
        private int _eaten;

        public override void Receive(Word message)
        {
            if (message != Word.Eat)
            {
                table.Tell(new Request<TCarrier>(seat, Self));
                return;
            }

            table.Tell(new Request<TCarrier>(seat, default));
            if (++_eaten < meals)
                Self.Tell(Word.Begin);
            else
                round.Finish(_eaten);
        }
    }
}
