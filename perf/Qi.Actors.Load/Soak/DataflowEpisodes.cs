using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Load.Soak;

/// <summary>Actors in dataflow networks. What goes through is a number, and the sum must come out.</summary>
internal static class DataflowEpisodes
{
    private static readonly DataflowLinkOptions s_propagate = new() { PropagateCompletion = true };

    public static async Task Output(SoakContext context)
    {
        int count = context.Random.Next(50, 1_000);
        int capacity = context.Random.Next(3) == 0 ? -1 : context.Random.Next(1, 10);
        var relay = context.System.Spawn<SoakMessage, SoakMessage>(() => new Relay(capacity), options: new ActorOptions { Mailbox = MailboxOptions.Bounded(8) });
        var sink = new Sink(context.Ledger, 1);
        Task receiving = context.Random.Next(3) switch
        {
            0 => Link(relay, new ActionBlock<SoakMessage>(sink.Handle)),
            1 => Task.Run(() => Read(relay.AsChannelReader(), sink)),
            _ => Task.Run(() => Receive(relay, sink)),
        };
        var source = new BufferBlock<SoakMessage>();
        source.LinkTo(relay, s_propagate);
        for (int number = 1; number <= count; number++)
            source.Post(context.Ledger.NewMessage(0, number));
        source.Complete();
        await context.Within(receiving, "everything to come out of an actor");
        await context.Within(relay.Completion, "the end of an output");
        context.Check(context.Ledger.Handled == count, $"{count} went in, {context.Ledger.Handled} came out");
        context.Check(relay.OutputCount == 0, "the output is not empty");
    }

    public static async Task Network(SoakContext context)
    {
        var system = context.System;
        int count = context.Random.Next(50, 1_000);
        var options = new ExecutionDataflowBlockOptions { TaskScheduler = system.TaskScheduler, BoundedCapacity = context.Random.Next(1, 20) };
        var first = new TransformBlock<SoakMessage, SoakMessage>(static message => message, options);
        var middle = system.SpawnTransform<SoakMessage, SoakMessage>(static message => message);
        var sink = new Sink(context.Ledger, 1);
        var last = new ActionBlock<SoakMessage>(sink.Handle, options);
        first.LinkTo(middle, s_propagate);
        middle.LinkTo(last, s_propagate);
        for (int number = 1; number <= count; number++)
            await first.SendAsync(context.Ledger.NewMessage(0, number));
        first.Complete();
        await context.Within(last.Completion, "the end of a network");
        context.Check(context.Ledger.Handled == count, $"{count} went in, {context.Ledger.Handled} came out");
        var posted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        system.SynchronizationContext.Post(static state => ((TaskCompletionSource)state!).SetResult(), posted);
        await context.Within(posted.Task, "a posted callback");
    }

    private static Task Link(ActorRef<SoakMessage, SoakMessage> relay, ActionBlock<SoakMessage> target)
    {
        relay.LinkTo(target, s_propagate);
        return target.Completion;
    }

    private static async Task Read(ChannelReader<SoakMessage> reader, Sink sink)
    {
        await foreach (var message in reader.ReadAllAsync())
            sink.Handle(message);
    }

    private static async Task Receive(ActorRef<SoakMessage, SoakMessage> relay, Sink sink)
    {
        while (await relay.OutputAvailableAsync())
        {
            while (relay.TryReceive(null, out var message))
                sink.Handle(message);
        }
    }

    private sealed class Relay(int capacity) : AsyncActor<SoakMessage, SoakMessage>
    {
        protected override int OutputCapacity => capacity;

        protected override async ValueTask ReceiveAsync(SoakMessage message) => await EmitAsync(message);
    }
}
