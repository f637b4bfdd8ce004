using Qi.Actors.Platform;

namespace Qi.Actors.Workloads.Savina;

/// <summary>Twenty parties read and write (one time in ten) one dictionary that another party owns, 10,000 times each.</summary>
public static class ConcurrentDictionary
{
    private const int Clients = 20;
    private const int WritePercentage = 10;

    // The suite's: as many entries from the start, each with its key for a value.
    private const int Keys = int.MaxValue / 4096;

    // What is written under a key is the key and a multiple of their number: a reply shows whose value it is.
    private const int Generations = 4096;

    private static readonly Lazy<Dictionary<int, int>> s_initial =
        new(() => Enumerable.Range(0, Keys).ToDictionary(static key => key));

    public static Workload Workload { get; } = Benchmark.Of(
        "concurrent-dictionary", "message", 200_000,
        static size => size,
        Run<QiCarrier>, Run<BlockCarrier>, Clients);

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        round.AwaitParts(Clients);
        var table = round.Add(new Table<TCarrier>(new Dictionary<int, int>(s_initial.Value)));
        var clients = new Party<TCarrier, int>[Clients];
        for (int i = 0; i < Clients; i++)
            clients[i] = round.Add(new Reader<TCarrier>(round, table, i, Benchmark.Share(size, Clients)));
        foreach (var client in clients)
            client.Tell(0);
        return round.End();
    }

    internal static bool BelongsTo(int key, int value) => value % Keys == key;

    /// <summary>Reads a key's value, or writes it if there is one; the value is the reply.</summary>
    private readonly record struct Request<TCarrier>(Party<TCarrier, int> ReplyTo, int Key, int? Value)
        where TCarrier : struct, ICarrier;

    private sealed class Table<TCarrier>(Dictionary<int, int> values) : Role<TCarrier, Request<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        public override void Receive(Request<TCarrier> message)
        {
            int value = message.Value ?? values[message.Key];
            if (message.Value is not null)
                values[message.Key] = value;
            message.ReplyTo.Tell(value);
        }
    }

    private sealed class Reader<TCarrier>(
        Round<TCarrier> round, Party<TCarrier, Request<TCarrier>> table, int number, int questions)
        : Client<TCarrier>(round, questions)
        where TCarrier : struct, ICarrier
    {
        private Rng _random = new((ulong)number);
        private int _key;

        protected override void Ask()
        {
            bool isWrite = _random.Below(100) < WritePercentage;
            _key = (int)_random.Below(Keys);
            table.Tell(new Request<TCarrier>(Self, _key, isWrite ? _key + (Keys * (int)_random.Below(Generations)) : null));
        }

        protected override bool IsGood(int reply) => BelongsTo(_key, reply);
    }
}
