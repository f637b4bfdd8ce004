using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Load.Stress;

/// <summary>Producers of a shape whose receivers answer nobody.</summary>
internal abstract class SinkShape<T>(ShapeSetting setting) : NodeShape<T>(setting)
    where T : IStressMessage<T>
{
    private readonly List<ActorRef<T>> _sinks = [];

    protected ActorRef<T> SpawnSink(ActorSystem system, string name, int edges, bool isGapless, MailboxOptions mailbox, out Receipts receipts)
    {
        var made = NewReceipts(name, edges + 1, isGapless);
        receipts = made;
        var core = new NodeCore<T>(this, made, NewOutbox(), Route.Answer, 1);
        var sink = system.Spawn<T>(() => new NodeActor<T>(core), options: Setting.RandomOptions(mailbox));
        _sinks.Add(sink);
        return sink;
    }

    public override async Task CleanUpAsync()
    {
        foreach (var sink in _sinks)
            await sink.StopAsync();
    }

    protected override string Details()
        => string.Concat(_sinks.Select(sink => $"; mailbox {sink.MailboxCount}"));
}

/// <summary>Backpressure: coroutines and tasks that wait for room with SendAsync.</summary>
internal sealed class BoundedWaitShape<T>(ShapeSetting setting) : SinkShape<T>(setting)
    where T : IStressMessage<T>
{
    public override void Start(ActorSystem system)
    {
        int producers = Setting.Random.Next(1, 5);
        int receivers = Setting.Random.Next(1, 4);
        for (int j = 0; j < receivers; j++)
        {
            var sink = SpawnSink(system, $"sink {j}", producers * 2, isGapless: true, MailboxOptions.Bounded(1 << Setting.Random.Next(0, 8)), out _);
            for (int i = 0; i < producers; i++)
            {
                int edge = (2 * i) + 1;
                StartCoroutine(system, () => ProduceInside(sink, edge));
                StartTask(() => ProduceOutside(sink, edge + 1));
            }
        }
    }

    private async Coroutine ProduceInside(ActorRef<T> sink, int edge)
    {
        var outbox = NewOutbox();
        for (long number = 1; !IsStopping; number++)
        {
            outbox.Begin();
            outbox.EndSend(await sink.SendAsync(T.Create(Index, edge, number)));
        }
    }

    private async Task ProduceOutside(ActorRef<T> sink, int edge)
    {
        var outbox = NewOutbox();
        for (long number = 1; !IsStopping; number++)
        {
            outbox.Begin();
            outbox.EndSend(await sink.SendAsync(T.Create(Index, edge, number)));
        }
    }
}

/// <summary>Mailboxes that reject or drop under a flood: what is not handled must be a dead letter.</summary>
internal sealed class RefusingShape<T>(ShapeSetting setting) : SinkShape<T>(setting)
    where T : IStressMessage<T>
{
    private static readonly MailboxFullMode[] s_modes = [MailboxFullMode.Wait, MailboxFullMode.Reject, MailboxFullMode.DropNewest, MailboxFullMode.DropOldest];

    public override bool MayLose => true;

    public override void Start(ActorSystem system)
    {
        foreach (var mode in s_modes)
        {
            int producers = Setting.Random.Next(1, 4);
            int capacity = 1 << Setting.Random.Next(3, 9);
            var sink = SpawnSink(system, $"{mode} sink", producers * 2, isGapless: false, MailboxOptions.Bounded(capacity, mode), out _);
            int burst = Setting.Random.Next(1, capacity + (capacity / 4));
            for (int i = 0; i < producers; i++)
            {
                int edge = (2 * i) + 1;
                StartCoroutine(system, () => ProduceInside(sink, edge, burst));
                StartTask(() => ProduceOutside(sink, edge + 1, burst));
            }
        }
    }

    private async Coroutine ProduceInside(ActorRef<T> sink, int edge, int burst)
    {
        var outbox = NewOutbox();
        long number = 0;
        while (!IsStopping)
        {
            number = SendBurst(sink, edge, burst, number, outbox);
            await Coroutine.YieldAsync();
        }
    }

    private async Task ProduceOutside(ActorRef<T> sink, int edge, int burst)
    {
        var outbox = NewOutbox();
        long number = 0;
        while (!IsStopping)
        {
            number = SendBurst(sink, edge, burst, number, outbox);
            await Task.Yield();
        }
    }

    private long SendBurst(ActorRef<T> sink, int edge, int burst, long number, Outbox outbox)
    {
        for (int i = 0; i < burst; i++)
        {
            outbox.Begin();
            outbox.End(sink.Tell(T.Create(Index, edge, ++number)));
        }

        return number;
    }
}

/// <summary>Dataflow sources linked to a bounded actor, beside a sender that waits for room in the same line.</summary>
internal sealed class LinkedShape<T>(ShapeSetting setting) : SinkShape<T>(setting)
    where T : IStressMessage<T>
{
    private const int Sources = 2;
    private const int Window = 512;

    public override void Start(ActorSystem system)
    {
        var sink = SpawnSink(system, "linked sink", Sources + 1, isGapless: true, MailboxOptions.Bounded(1 << Setting.Random.Next(0, 6)), out var receipts);
        for (int i = 1; i <= Sources; i++)
        {
            int edge = i;
            var source = new BufferBlock<T>();
            source.LinkTo(sink);
            StartTask(() => Feed(source, receipts, edge));
        }

        StartCoroutine(system, () => Send(sink, Sources + 1));
    }

    private async Task Feed(BufferBlock<T> source, Receipts receipts, int edge)
    {
        var outbox = NewOutbox();
        long number = 0;
        while (!IsStopping)
        {
            while (number - receipts.LastOf(edge) < Window)
            {
                outbox.Begin();
                bool isPosted = source.Post(T.Create(Index, edge, ++number));
                outbox.EndSend(isPosted);
            }

            await Task.Yield();
        }
    }

    private async Coroutine Send(ActorRef<T> sink, int edge)
    {
        var outbox = NewOutbox();
        for (long number = 1; !IsStopping; number++)
        {
            outbox.Begin();
            outbox.EndSend(await sink.SendAsync(T.Create(Index, edge, number)));
        }
    }
}

/// <summary>Channel writers over a bounded actor: wait until there may be room, then try.</summary>
internal sealed class WriterShape<T>(ShapeSetting setting) : SinkShape<T>(setting)
    where T : IStressMessage<T>
{
    public override void Start(ActorSystem system)
    {
        int producers = Setting.Random.Next(2, 5);
        var sink = SpawnSink(system, "written sink", producers, isGapless: true, MailboxOptions.Bounded(1 << Setting.Random.Next(0, 6)), out _);
        for (int i = 1; i <= producers; i++)
        {
            int edge = i;
            StartTask(() => Write(sink, edge));
        }
    }

    private async Task Write(ActorRef<T> sink, int edge)
    {
        var outbox = NewOutbox();
        var writer = sink.AsChannelWriter();
        long number = 1;
        while (!IsStopping && await writer.WaitToWriteAsync())
        {
            while (!IsStopping && writer.TryWrite(T.Create(Index, edge, number)))
            {
                outbox.Begin();
                outbox.EndSend(isAccepted: true);
                number++;
            }
        }
    }
}
