using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads;

/// <summary>One sender, one receiver, as fast as it goes. A sender inside lets others run after every thousand messages.</summary>
public static class Tell
{
    internal const int Batch = 1000;

    public static Workload FromOutside { get; } = new(
        "tell",
        "message",
        10_000_000,
        size => Total.Of(size),
        new("Qi", Outside),
        new("ActionBlock", ActionBlockOutside),
        new("ActionBlock single-producer", SingleProducerOutside) { IsComparable = false },
        new("BufferBlock", BufferBlockOutside),
        new("Channel", ChannelOutside));

    public static Workload FromInside { get; } = new(
        "tell-inside",
        "message",
        10_000_000,
        size => Total.Of(size),
        new("Qi", Inside),
        new("ActionBlock", ActionBlockInside),
        new("BufferBlock", BufferBlockInside),
        new("Channel", ChannelInside));

    public static long Outside(ActorSystem system, int size)
    {
        var total = new Total(size);
        var actor = system.Spawn(() => new TotalActor(total));
        for (int i = 1; i <= size; i++)
            actor.Tell(new Item(i));
        return Finish(total, actor);
    }

    public static long ActionBlockOutside(ActorSystem system, int size) => ActionBlockOutside(size, new ExecutionDataflowBlockOptions());

    public static long BufferBlockOutside(ActorSystem system, int size)
    {
        var total = new Total(size);
        var block = BufferLoop.Start<Item>(total.Add);
        for (int i = 1; i <= size; i++)
            block.Post(new Item(i));
        long sum = total.Done.GetAwaiter().GetResult();
        block.Complete();
        return sum;
    }

    public static long ChannelOutside(ActorSystem system, int size)
    {
        var total = new Total(size);
        var writer = ChannelLoop.Start<Item>(total.Add);
        for (int i = 1; i <= size; i++)
            writer.TryWrite(new Item(i));
        long sum = total.Done.GetAwaiter().GetResult();
        writer.Complete();
        return sum;
    }

    public static long Inside(ActorSystem system, int size)
    {
        var total = new Total(size);
        var actor = system.Spawn(() => new TotalActor(total));
        _ = system.Spawn(() => Send(actor, 1, size));
        return Finish(total, actor);
    }

    public static long ActionBlockInside(ActorSystem system, int size)
    {
        var total = new Total(size);
        var block = new ActionBlock<Item>(total.Add);
        _ = Task.Run(() => SendAll(block.Post, 1, size));
        return total.Done.GetAwaiter().GetResult();
    }

    public static long BufferBlockInside(ActorSystem system, int size)
    {
        var total = new Total(size);
        var block = BufferLoop.Start<Item>(total.Add);
        _ = Task.Run(() => SendAll(block.Post, 1, size));
        long sum = total.Done.GetAwaiter().GetResult();
        block.Complete();
        return sum;
    }

    public static long ChannelInside(ActorSystem system, int size)
    {
        var total = new Total(size);
        var writer = ChannelLoop.Start<Item>(total.Add);
        _ = Task.Run(() => SendAll(writer.TryWrite, 1, size));
        long sum = total.Done.GetAwaiter().GetResult();
        writer.Complete();
        return sum;
    }

    // The block takes a cheaper queue because it is promised that nobody else sends: less than what the others do.
    private static long SingleProducerOutside(ActorSystem system, int size)
        => ActionBlockOutside(size, new ExecutionDataflowBlockOptions { SingleProducerConstrained = true });

    private static long ActionBlockOutside(int size, ExecutionDataflowBlockOptions options)
    {
        var total = new Total(size);
        var block = new ActionBlock<Item>(total.Add, options);
        for (int i = 1; i <= size; i++)
            block.Post(new Item(i));
        return total.Done.GetAwaiter().GetResult();
    }

    internal static long Finish(Total total, ActorRef<Item> actor)
    {
        long sum = total.Done.GetAwaiter().GetResult();
        actor.Complete();
        return sum;
    }

    internal static async Coroutine Send(ActorRef<Item> actor, int from, int to)
    {
        for (int i = from; i <= to; i++)
        {
            actor.Tell(new Item(i));
            if (i % Batch == 0)
                await Coroutine.YieldAsync();
        }
    }

    internal static async Task SendAll(Func<Item, bool> send, int from, int to)
    {
        for (int i = from; i <= to; i++)
        {
            send(new Item(i));
            if (i % Batch == 0)
                await Task.Yield();
        }
    }
}
