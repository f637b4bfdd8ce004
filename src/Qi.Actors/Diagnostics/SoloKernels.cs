using Qi.Actors.Platform;

namespace Qi.Actors.Diagnostics;

/// <summary>Short runs on a system with one dispatcher.</summary>
internal sealed class SoloKernels
{
    /// <summary>How many kernels there are here.</summary>
    public const int Count = 5;

    /// <summary>Messages that go round together, too few for a turn to linger.</summary>
    public const int FewMessages = 4;

    /// <summary>Messages that go round together, enough for a turn to linger.</summary>
    public const int ManyMessages = 32;

    private const int BurstMessages = 1024;
    private const int Bursts = 4;
    private const int RingActors = 16;
    private const int Hops = 8192;
    private const int Yielders = 32;
    private const int Yields = 128;
    private const int Tasks = 256;
    private const int Forks = 8;
    private const int Asks = 2048;

    private readonly ActorSystem _system;
    private readonly TimeProvider _clock;
    private readonly SinkActor _sink = new();
    private readonly ActorRef<long> _sinkRef;
    private readonly Round _round = new();
    private readonly ActorRef<long> _first;
    private readonly ActorRef<ReplyTo<long>> _responder;

    public SoloKernels(ActorSystem system, TimeProvider clock)
    {
        _system = system;
        _clock = clock;
        _sinkRef = system.Spawn(() => _sink);
        _responder = system.Spawn(() => new Responder());
        var relays = new Relay[RingActors];
        for (int i = 0; i < RingActors; i++)
            relays[i] = new Relay(_round);
        var refs = Array.ConvertAll(relays, relay => system.Spawn(() => relay));
        for (int i = 0; i < RingActors; i++)
            relays[i].Next = refs[(i + 1) % RingActors];
        _first = refs[0];
    }

    /// <summary>Many messages to one actor, and then its turns: a tell, and a handled message.</summary>
    public void Burst(double[] result)
    {
        (result[0], result[1]) = _system.BlockOn(BurstAsync);
    }

    /// <summary>Messages that go round a ring together: a hop of one alone, of one of a few, and of one of many.</summary>
    public void Hop(double[] result)
    {
        result[0] = _system.BlockOn(() => HopAsync(1));
        result[1] = _system.BlockOn(() => HopAsync(FewMessages));
        result[2] = _system.BlockOn(() => HopAsync(ManyMessages));
    }

    /// <summary>Coroutines that yield in turn.</summary>
    public void Yield(double[] result) => result[0] = _system.BlockOn(YieldAllAsync);

    /// <summary>Coroutines that do nothing: spawning one, and running and joining one.</summary>
    public void SpawnJoin(double[] result)
    {
        (result[0], result[1]) = _system.BlockOn(SpawnJoinAsync);
    }

    /// <summary>One ask after the other.</summary>
    public void Ask(double[] result) => result[0] = _system.BlockOn(AskAllAsync);

    private double SinceNs(long start) => _clock.GetElapsedTime(start).TotalNanoseconds;

    private async Coroutine<(double TellNs, double HandleNs)> BurstAsync()
    {
        double tellNs = 0;
        double handleNs = 0;
        for (int burst = 0; burst < Bursts; burst++)
        {
            long target = _sink.Count + BurstMessages;
            long start = _clock.GetTimestamp();
            for (int i = 0; i < BurstMessages; i++)
                _sinkRef.Tell(i);
            double sentNs = SinceNs(start);
            while (_sink.Count < target)
                await Coroutine.YieldAsync();
            tellNs += sentNs;
            handleNs += SinceNs(start) - sentNs;
        }

        return (tellNs / (Bursts * BurstMessages), handleNs / (Bursts * BurstMessages));
    }

    private async Coroutine<double> HopAsync(int messages)
    {
        _round.Begin(messages);
        long start = _clock.GetTimestamp();
        for (int i = 0; i < messages; i++)
            _first.Tell(Hops / messages);
        await _round.Done;
        return SinceNs(start) / Hops;
    }

    private async Coroutine<double> YieldAllAsync()
    {
        var handles = new JoinHandle[Yielders];
        long start = _clock.GetTimestamp();
        for (int i = 0; i < Yielders; i++)
            handles[i] = _system.Spawn(YieldOftenAsync());
        foreach (var handle in handles)
            await handle;
        return SinceNs(start) / (Yielders * Yields);
    }

    private static async Coroutine YieldOftenAsync()
    {
        for (int i = 0; i < Yields; i++)
            await Coroutine.YieldAsync();
    }

    private async Coroutine<(double SpawnNs, double JoinNs)> SpawnJoinAsync()
    {
        double spawnNs = 0;
        double joinNs = 0;
        var handles = new JoinHandle<int>[Tasks];
        for (int fork = 0; fork < Forks; fork++)
        {
            long start = _clock.GetTimestamp();
            for (int i = 0; i < Tasks; i++)
                handles[i] = _system.Spawn(NothingAsync(i));
            double spawnedNs = SinceNs(start);
            foreach (var handle in handles)
                await handle;
            spawnNs += spawnedNs;
            joinNs += SinceNs(start) - spawnedNs;
        }

        return (spawnNs / (Forks * Tasks), joinNs / (Forks * Tasks));
    }

#pragma warning disable CS1998 // A coroutine that does nothing is what is measured.
    private static async Coroutine<int> NothingAsync(int number) => number;
#pragma warning restore CS1998

    private async Coroutine<double> AskAllAsync()
    {
        long start = _clock.GetTimestamp();
        for (int i = 0; i < Asks; i++)
            await _responder.AskAsync<long>(static reply => reply);
        return SinceNs(start) / Asks;
    }

    private sealed class Responder : Actor<ReplyTo<long>>
    {
        protected override void Receive(ReplyTo<long> message) => message.Tell(1);
    }

    private sealed class Relay(Round round) : Actor<long>
    {
        public ActorRef<long> Next { get; set; } = null!;

        protected override void Receive(long message)
        {
            if (message > 1)
                Next.Tell(message - 1);
            else
                round.End();
        }
    }

    // All relays share a dispatcher, so that none of this is touched by two threads at once.
    private sealed class Round
    {
        private TaskCompletionSource _done = new();
        private int _left;

        public Task Done => _done.Task;

        public void Begin(int messages)
        {
            _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _left = messages;
        }

        public void End()
        {
            if (--_left == 0)
                _done.SetResult();
        }
    }
}

/// <summary>Counts its messages, for any thread to see.</summary>
internal sealed class SinkActor : Actor<long>
{
    private long _count;

    public long Count => Atomic.Read(ref _count);

    protected override void Receive(long message) => Atomic.Write(ref _count, _count + 1);
}
