using Qi.Actors.Platform;

namespace Qi.Actors.Workloads.Savina;

/// <summary>
/// Twenty parties add to (one time in ten), measure (one time in a hundred) and search one sorted list that another party
/// owns, 8,000 times each.
/// </summary>
public static class ConcurrentSortedList
{
    private const int Clients = 20;
    private const int WritePercentage = 10;
    private const int SizePercentage = 1;

    public static Workload Workload { get; } = Benchmark.Of(
        "concurrent-sorted-list", "message", 160_000,
        Memo.Of(static size => size + Additions(size / Clients)),
        Run<QiCarrier>, Run<BlockCarrier>, Clients);

    private enum Operation
    {
        Size,
        Add,
        Contains,
    }

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var list = new SortedList();
        var round = new Round<TCarrier>(system);
        round.AwaitParts(Clients);
        var owner = round.Add(new Owner<TCarrier>(list));
        var clients = new Party<TCarrier, int>[Clients];
        for (int i = 0; i < Clients; i++)
            clients[i] = round.Add(new Searcher<TCarrier>(round, owner, i, Benchmark.Share(size, Clients)));
        foreach (var client in clients)
            client.Tell(0);
        long replies = round.End();
        return list.IsSound ? replies + list.Count : throw new InvalidOperationException("The list is out of order.");
    }

    // How many numbers the clients add is known beforehand: what each does comes from its number.
    private static long Additions(int questions)
    {
        long additions = 0;
        for (int client = 0; client < Clients; client++)
        {
            var random = new Rng((ulong)client);
            for (int i = 0; i < questions; i++)
            {
                if (Choose(ref random).Operation == Operation.Add)
                    additions++;
            }
        }

        return additions;
    }

    private static (Operation Operation, int Value) Choose(ref Rng random)
    {
        uint choice = random.Below(100);
        var operation = choice < SizePercentage ? Operation.Size
            : choice < SizePercentage + WritePercentage ? Operation.Add
            : Operation.Contains;
        return (operation, (int)random.Next());
    }

    private readonly record struct Request<TCarrier>(Party<TCarrier, int> ReplyTo, Operation Operation, int Value)
        where TCarrier : struct, ICarrier;

    private sealed class Owner<TCarrier>(SortedList list) : Role<TCarrier, Request<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        public override void Receive(Request<TCarrier> message)
        {
            int reply = list.Count;
            if (message.Operation == Operation.Contains)
            {
                reply = list.Contains(message.Value) ? 1 : 0;
            }
            else if (message.Operation == Operation.Add)
            {
                list.Add(message.Value);
                reply = message.Value;
            }

            message.ReplyTo.Tell(reply);
        }
    }

    private sealed class Searcher<TCarrier>(
        Round<TCarrier> round, Party<TCarrier, Request<TCarrier>> owner, int number, int questions)
        : Client<TCarrier>(round, questions)
        where TCarrier : struct, ICarrier
    {
        private Rng _random = new((ulong)number);
        private Operation _operation;
        private int _value;
        private int _size;

        protected override void Ask()
        {
            (_operation, _value) = Choose(ref _random);
            owner.Tell(new Request<TCarrier>(Self, _operation, _value));
        }

        protected override bool IsGood(int reply)
        {
            switch (_operation)
            {
                case Operation.Add:
                    return reply == _value;
                case Operation.Contains:
                    return reply is 0 or 1;
                default:
                    bool isNoSmaller = reply >= _size; // nothing is ever taken away
                    _size = reply;
                    return isNoSmaller;
            }
        }
    }
}
