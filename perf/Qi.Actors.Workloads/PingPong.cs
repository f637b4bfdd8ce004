using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads;

/// <summary>Two parties and one message that goes to and fro.</summary>
public static class PingPong
{
    public static Workload Workload { get; } =
        new("pingpong", "hop", 2_000_000, size => size, new("Qi", Qi), new("ActionBlock", ActionBlocks), new("Channel", Channels));

    public static long Qi(ActorSystem system, int size)
    {
        var court = new Court(size);
        var a = new Player(court);
        var b = new Player(court);
        var refA = system.Spawn(() => a);
        a.Peer = system.Spawn(() => b);
        b.Peer = refA;
        refA.Tell(new Item(size));
        long hops = court.Done.GetAwaiter().GetResult();
        refA.Complete();
        a.Peer.Complete();
        return hops;
    }

    public static long ActionBlocks(ActorSystem system, int size)
    {
        var court = new Court(size);
        ActionBlock<Item>? b = null;
        Func<Item, bool> toB = item => b!.Post(item);
        var a = new ActionBlock<Item>(item => court.Play(item, toB));
        Func<Item, bool> toA = a.Post;
        b = new ActionBlock<Item>(item => court.Play(item, toA));
        a.Post(new Item(size));
        return court.Done.GetAwaiter().GetResult();
    }

    public static long Channels(ActorSystem system, int size)
    {
        var court = new Court(size);
        ChannelWriter<Item>? b = null;
        Func<Item, bool> toB = item => b!.TryWrite(item);
        var a = ChannelLoop.Start<Item>(item => court.Play(item, toB));
        Func<Item, bool> toA = a.TryWrite;
        b = ChannelLoop.Start<Item>(item => court.Play(item, toA));
        a.TryWrite(new Item(size));
        long hops = court.Done.GetAwaiter().GetResult();
        a.Complete();
        b.Complete();
        return hops;
    }

    private sealed class Court(int size)
    {
        private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<long> Done => _done.Task;

        public void Play(Item item, Func<Item, bool> send)
        {
            if (item.Number > 1)
                send(new Item(item.Number - 1));
            else
                _done.SetResult(size - item.Number + 1);
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
