using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads;

/// <summary>Eight senders, one receiver.</summary>
public static class FanIn
{
    private const int Senders = 8;

    public static Workload Workload { get; } = new(
        "fanin",
        "message",
        10_000_000,
        size => Total.Of(size),
        new("Qi", Qi),
        new("ActionBlock", ActionBlocks),
        new("BufferBlock", BufferBlocks),
        new("Channel", Channels)) { Fit = Workload.MultipleOf(Senders) };

    public static long Qi(ActorSystem system, int size)
    {
        var total = new Total(size);
        var actor = system.Spawn(() => new TotalActor(total));
        for (int sender = 0; sender < Senders; sender++)
        {
            var (from, to) = Share(sender, size);
            _ = system.Spawn(() => Tell.Send(actor, from, to));
        }

        return Tell.Finish(total, actor);
    }

    public static long ActionBlocks(ActorSystem system, int size)
    {
        var total = new Total(size);
        var block = new ActionBlock<Item>(total.Add);
        SendFromTasks(block.Post, size);
        return total.Done.GetAwaiter().GetResult();
    }

    public static long BufferBlocks(ActorSystem system, int size)
    {
        var total = new Total(size);
        var block = BufferLoop.Start<Item>(total.Add);
        SendFromTasks(block.Post, size);
        long sum = total.Done.GetAwaiter().GetResult();
        block.Complete();
        return sum;
    }

    public static long Channels(ActorSystem system, int size)
    {
        var total = new Total(size);
        var writer = ChannelLoop.Start<Item>(total.Add);
        SendFromTasks(writer.TryWrite, size);
        long sum = total.Done.GetAwaiter().GetResult();
        writer.Complete();
        return sum;
    }

    private static void SendFromTasks(Func<Item, bool> send, int size)
    {
        for (int sender = 0; sender < Senders; sender++)
        {
            var (from, to) = Share(sender, size);
            _ = Task.Run(() => Tell.SendAll(send, from, to));
        }
    }

    private static (int From, int To) Share(int sender, int size)
        => ((int)((long)size * sender / Senders) + 1, (int)((long)size * (sender + 1) / Senders));
}
