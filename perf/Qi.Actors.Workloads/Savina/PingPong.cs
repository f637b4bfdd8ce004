namespace Qi.Actors.Workloads.Savina;

/// <summary>One party asks another 40,000 times, one question after the other.</summary>
public static class PingPong
{
    public static Workload Workload { get; } =
        Benchmark.Of("pingpong", "ping", 40_000, static size => size, Run<QiCarrier>, Run<BlockCarrier>);

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        var ponger = round.Add(new Ponger<TCarrier>());
        var pinger = round.Add(new Pinger<TCarrier>(round, ponger, size));
        pinger.Tell(default); // nobody's pong begins it
        return round.End();
    }

    private readonly record struct Ball<TCarrier>(Party<TCarrier, Ball<TCarrier>> Sender)
        where TCarrier : struct, ICarrier;

    private sealed class Pinger<TCarrier>(Round<TCarrier> round, Party<TCarrier, Ball<TCarrier>> ponger, int pings)
        : Role<TCarrier, Ball<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        private int _pings;
        private int _pongs;

        public override void Receive(Ball<TCarrier> message)
        {
            if (!message.Sender.IsNobody)
                _pongs++;
            if (_pings++ < pings)
                ponger.Tell(new Ball<TCarrier>(Self));
            else
                round.Finish(_pongs);
        }
    }

    private sealed class Ponger<TCarrier> : Role<TCarrier, Ball<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        public override void Receive(Ball<TCarrier> message) => message.Sender.Tell(new Ball<TCarrier>(Self));
    }
}
