using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads;

/// <summary>A hundred parties in a ring and one message that goes round.</summary>
public static class Ring
{
    private const int Parties = 100;

    public static Workload Workload { get; } = new(
        "ring", "hop", 2_000_000, size => size, new("Qi", Qi), new("ActionBlock", ActionBlocks), new("BufferBlock", BufferBlocks), new("Channel", Channels));

    public static long Qi(ActorSystem system, int size)
    {
        var done = NewDone();
        var actors = Enumerable.Range(0, Parties).Select(_ => new Party(done, size)).ToArray();
        var refs = actors.Select(actor => system.Spawn(() => actor)).ToArray();
        for (int i = 0; i < Parties; i++)
            actors[i].Next = refs[(i + 1) % Parties];
        refs[0].Tell(new Item(size));
        long hops = done.Task.GetAwaiter().GetResult();
        foreach (var actor in refs)
            actor.Complete();
        return hops;
    }

    public static long ActionBlocks(ActorSystem system, int size)
    {
        var blocks = new ActionBlock<Item>[Parties];
        return GoRound(size, (i, handle) => blocks[i] = new ActionBlock<Item>(handle), (i, item) => blocks[i].Post(item));
    }

    public static long BufferBlocks(ActorSystem system, int size)
    {
        var blocks = new BufferBlock<Item>[Parties];
        long hops = GoRound(size, (i, handle) => blocks[i] = BufferLoop.Start(handle), (i, item) => blocks[i].Post(item));
        foreach (var block in blocks)
            block.Complete();
        return hops;
    }

    public static long Channels(ActorSystem system, int size)
    {
        var writers = new ChannelWriter<Item>[Parties];
        long hops = GoRound(size, (i, handle) => writers[i] = ChannelLoop.Start(handle), (i, item) => writers[i].TryWrite(item));
        foreach (var writer in writers)
            writer.Complete();
        return hops;
    }

    private static long GoRound(int size, Action<int, Action<Item>> start, Action<int, Item> send)
    {
        var done = NewDone();
        for (int i = 0; i < Parties; i++)
        {
            int next = (i + 1) % Parties;
            start(i, item =>
            {
                if (item.Number > 1)
                    send(next, new Item(item.Number - 1));
                else
                    done.SetResult(size - item.Number + 1);
            });
        }

        send(0, new Item(size));
        return done.Task.GetAwaiter().GetResult();
    }

    private static TaskCompletionSource<long> NewDone() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Party(TaskCompletionSource<long> done, int size) : Actor<Item>
    {
        public ActorRef<Item> Next { get; set; } = null!;

        protected override void Receive(Item message)
        {
            if (message.Number > 1)
                Next.Tell(new Item(message.Number - 1));
            else
                done.SetResult(size - message.Number + 1);
        }
    }
}
