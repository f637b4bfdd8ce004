using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads;

/// <summary>Two parties and one message that goes to and fro; or many such pairs with many messages each.</summary>
public static class PingPong
{
    private const int ManyPairs = 16;
    private const int InFlight = 100;

    public static Workload Workload { get; } = new(
        "pingpong", "hop", 2_000_000, size => size, new("Qi", Qi), new("ActionBlock", ActionBlocks), new("BufferBlock", BufferBlocks), new("Channel", Channels));

    public static Workload Pairs { get; } = new(
        "pingpong-16x100",
        "hop",
        2_000_000,
        size => size,
        new("Qi", (system, size) => Play(size, ManyPairs, InFlight, court => PairOfActors(system, court))),
        new("ActionBlock", (_, size) => Play(size, ManyPairs, InFlight, PairOfActionBlocks)),
        new("BufferBlock", (_, size) => Play(size, ManyPairs, InFlight, PairOfBufferBlocks)),
        new("Channel", (_, size) => Play(size, ManyPairs, InFlight, PairOfChannels))) { Fit = Workload.MultipleOf(ManyPairs * InFlight) };

    public static long Qi(ActorSystem system, int size) => Play(size, 1, 1, court => PairOfActors(system, court));

    public static long ActionBlocks(ActorSystem system, int size) => Play(size, 1, 1, PairOfActionBlocks);

    public static long BufferBlocks(ActorSystem system, int size) => Play(size, 1, 1, PairOfBufferBlocks);

    public static long Channels(ActorSystem system, int size) => Play(size, 1, 1, PairOfChannels);

    private static long Play(int size, int pairs, int inFlight, Func<Court, Pair> start)
    {
        var court = new Court(size, pairs * inFlight);
        var players = new Pair[pairs];
        for (int i = 0; i < pairs; i++)
            players[i] = start(court);
        foreach (var pair in players)
        {
            for (int i = 0; i < inFlight; i++)
                pair.Serve(new Item(court.HopsEach));
        }

        long hops = court.Done.GetAwaiter().GetResult();
        foreach (var pair in players)
            pair.End();
        return hops;
    }

    private static Pair PairOfActors(ActorSystem system, Court court)
    {
        var a = new Player(court);
        var b = new Player(court);
        var refA = system.Spawn(() => a);
        a.Peer = system.Spawn(() => b);
        b.Peer = refA;
        return new Pair(item => refA.Tell(item), () =>
        {
            refA.Complete();
            a.Peer.Complete();
        });
    }

    private static Pair PairOfActionBlocks(Court court)
    {
        ActionBlock<Item>? b = null;
        Func<Item, bool> toB = item => b!.Post(item);
        var a = new ActionBlock<Item>(item => court.Play(item, toB));
        Func<Item, bool> toA = a.Post;
        b = new ActionBlock<Item>(item => court.Play(item, toA));
        return new Pair(item => a.Post(item), static () => { });
    }

    private static Pair PairOfBufferBlocks(Court court)
    {
        BufferBlock<Item>? b = null;
        Func<Item, bool> toB = item => b!.Post(item);
        var a = BufferLoop.Start<Item>(item => court.Play(item, toB));
        Func<Item, bool> toA = a.Post;
        b = BufferLoop.Start<Item>(item => court.Play(item, toA));
        return new Pair(item => a.Post(item), () =>
        {
            a.Complete();
            b.Complete();
        });
    }

    private static Pair PairOfChannels(Court court)
    {
        ChannelWriter<Item>? b = null;
        Func<Item, bool> toB = item => b!.TryWrite(item);
        var a = ChannelLoop.Start<Item>(item => court.Play(item, toB));
        Func<Item, bool> toA = a.TryWrite;
        b = ChannelLoop.Start<Item>(item => court.Play(item, toA));
        return new Pair(item => a.TryWrite(item), () =>
        {
            a.Complete();
            b.Complete();
        });
    }

    private sealed record Pair(Action<Item> Serve, Action End);

    // A message carries the hops that it still has to make; the last of all messages to land ends the game.
    private sealed class Court(int size, int messages)
    {
        private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _hops;
        private int _left = messages;

        public long HopsEach { get; } = size / messages;

        public Task<long> Done => _done.Task;

        public void Play(Item item, Func<Item, bool> send)
        {
            if (item.Number > 1)
                send(new Item(item.Number - 1));
            else
                Land(HopsEach - item.Number + 1);
        }

        private void Land(long hops)
        {
            Interlocked.Add(ref _hops, hops);
            if (Interlocked.Decrement(ref _left) == 0)
                _done.SetResult(Interlocked.Read(ref _hops));
        }
    }

    private sealed class Player(Court court) : Actor<Item>
    {
        private Func<Item, bool>? _send;

        public ActorRef<Item> Peer
        {
            get;
            set
            {
                field = value;
                _send = item => value.Tell(item) == TellStatus.Accepted;
            }
        }

        = null!;

        protected override void Receive(Item message) => court.Play(message, _send!);
    }
}
