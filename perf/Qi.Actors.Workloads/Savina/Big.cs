using Qi.Actors.Platform;

namespace Qi.Actors.Workloads.Savina;

/// <summary>A hundred and twenty parties ping each other at random, 20,000 times each, one at a time.</summary>
public static class Big
{
    private const int Parties = 120;

    public static Workload Workload { get; } =
        Benchmark.Of("big", "ping", 2_400_000, static size => size, Run<QiCarrier>, Run<BlockCarrier>, Parties);

    internal static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        round.AwaitParts(Parties);
        var all = new Party<TCarrier, Ball>[Parties];
        for (int i = 0; i < Parties; i++)
            all[i] = round.Add(new Player<TCarrier>(round, all, i, Benchmark.Share(size, Parties)));
        foreach (var player in all)
            player.Tell(new Ball(IsPing: false, Player<TCarrier>.Nobody));
        return round.End();
    }

    private readonly record struct Ball(bool IsPing, int Sender);

    private sealed class Player<TCarrier>(Round<TCarrier> round, Party<TCarrier, Ball>[] all, int number, int pings)
        : Role<TCarrier, Ball>
        where TCarrier : struct, ICarrier
    {
        public const int Nobody = -1;

        private Rng _random = new((ulong)number);
        private int _expected = Nobody;
        private int _pings;
        private int _pongs;

        public override void Receive(Ball message)
        {
            if (message.IsPing)
            {
                all[message.Sender].Tell(new Ball(IsPing: false, number));
                return;
            }

            if (message.Sender != _expected)
                round.Fail($"Player {number} got a pong of {message.Sender}; it had pinged {_expected}.");
            if (_expected != Nobody)
                _pongs++;
            if (_pings++ == pings)
            {
                round.Finish(_pongs);
                return;
            }

            _expected = (int)_random.Below((uint)all.Length);
            all[_expected].Tell(new Ball(IsPing: true, number));
        }
    }
}
