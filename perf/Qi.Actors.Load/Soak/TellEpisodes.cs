using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Load.Soak;

/// <summary>Messages to actors, in order and each with one fate.</summary>
internal static class TellEpisodes
{
    private const int MostSenders = 4;

    public static Task Tell(SoakContext context)
        => context.Random.Next(2) == 0 ? TellAsync(context, static message => message) : TellAsync(context, static message => new Envelope(message));

    public static async Task Prioritized(SoakContext context)
    {
        using var gate = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new List<SoakMessage>();
        int count = context.Random.Next(10, 200);
        var actor = context.System.Spawn<SoakMessage>(
            message =>
            {
                entered.TrySetResult();
                gate.Wait(context.Patience);
                seen.Add(message);
                message.Settle(Fate.Handled);
            },
            options: new ActorOptions { Mailbox = MailboxOptions.Prioritized<SoakMessage>(static message => message.Edge) });
        actor.Tell(context.Ledger.NewMessage());
        await context.Within(entered.Task, "the first message");
        for (int number = 1; number <= count; number++)
            actor.Tell(context.Ledger.NewMessage(context.Random.Next(5), number));
        context.Check(actor.MailboxCount == count, $"MailboxCount is {actor.MailboxCount}, not {count}");
        gate.Set();
        await context.Within(actor.StopAsync(), "a prioritized actor's end");
        var waited = seen.Skip(1).ToList();
        context.Check(waited.SequenceEqual(waited.OrderByDescending(static message => message.Edge).ThenBy(static message => message.Number)), "a prioritized mailbox is no stable sort");
    }

    public static async Task Bounded(SoakContext context)
    {
        var random = context.Random;
        var mode = (MailboxFullMode)random.Next(4);
        var sink = new Sink(context.Ledger, MostSenders, mayLose: true);
        var options = new ActorOptions { Mailbox = MailboxOptions.Bounded(random.Next(1, 17), mode), Priority = context.RandomPriority() };
        var actor = random.Next(2) == 0
            ? context.System.Spawn<SoakMessage>(sink.Handle, options: options)
            : context.System.Spawn<SoakMessage>(sink.HandleAsync, options: options);
        var senders = new List<Task>();
        for (int edge = 0; edge < MostSenders; edge++)
        {
            int self = edge;
            int count = random.Next(20, 200);
            int seed = random.Next();
            senders.Add(random.Next(mode == MailboxFullMode.Wait ? 5 : 4) switch
            {
                0 => Task.Run(() => TellAll(context, actor, self, count)),
                1 => Task.Run(() => SendAll(context, actor, self, count, new Random(seed))),
                2 => Task.Run(() => OfferAll(context, actor, self, count)),
                3 => context.Run(() => SendAllInside(context, actor, self, count)),
                _ => Task.Run(() => LinkAll(context, actor, self, count)),
            });
        }

        if (mode == MailboxFullMode.Wait)
            senders.Add(WriteAll(context, actor, random.Next(20, 100)));
        await context.Within(Task.WhenAll(senders), "the senders to a bounded actor");
        await context.Within(actor.StopAsync(), "a bounded actor's end");
        context.Check(actor.IsStopped, "a stopped actor does not say so");
    }

    private static async Task TellAsync<T>(SoakContext context, Func<SoakMessage, T> wrap)
        where T : ISoakMessage
    {
        var random = context.Random;
        var sink = new Sink(context.Ledger, MostSenders);
        var actor = Spawn<T>(context, sink);
        int count = random.Next(100, 3_000);
        var senders = Enumerable.Range(0, random.Next(1, MostSenders + 1)).Select(edge => random.Next(3) switch
        {
            0 => Task.Factory.StartNew(() => Send(edge), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
            1 => Task.Run(() => Send(edge)),
            _ => context.Run(() => SendInside(edge)),
        }).ToArray();
        await context.Within(Task.WhenAll(senders), "senders");
        await context.Within(actor.StopAsync(), "an actor's end");
        context.Check(context.Ledger.Handled == context.Ledger.Sent, $"{context.Ledger.Sent} sent, {context.Ledger.Handled} handled, where nothing may be lost");
        context.Check(actor.Completion.IsCompletedSuccessfully, "Completion has not ended well");
        var late = context.Ledger.NewMessage();
        context.Check(actor.Tell(wrap(late)) == TellStatus.Stopped, "a stopped actor took a message");

        void Send(int edge)
        {
            for (int number = 1; number <= count; number++)
                actor.Tell(wrap(context.Ledger.NewMessage(edge, number)));
        }

        async Coroutine SendInside(int edge)
        {
            for (int number = 1; number <= count; number++)
            {
                actor.Tell(wrap(context.Ledger.NewMessage(edge, number)));
                if (number % 100 == 0)
                    await Coroutine.YieldAsync();
            }
        }
    }

    private static ActorRef<T> Spawn<T>(SoakContext context, Sink sink)
        where T : ISoakMessage
    {
        var options = new ActorOptions { Priority = context.RandomPriority(), IsReentrant = context.Random.Next(2) == 0 };
        return context.Random.Next(4) switch
        {
            0 => context.System.Spawn<T>(message => sink.Handle(message.Content), options: options with { IsReentrant = false }),
            1 => context.System.Spawn<T>(message => sink.HandleAsync(message.Content), options: options),
            2 => context.System.Spawn<T>(() => new Receiver<T>(sink), options: options with { IsReentrant = false }),
            _ => context.System.Spawn<T, Sink>(static sink => new Receiver<T>(sink), sink, options: options with { IsReentrant = false }),
        };
    }

    private static void TellAll(SoakContext context, ActorRef<SoakMessage> actor, int edge, int count)
    {
        for (int number = 1; number <= count; number++)
            actor.Tell(context.Ledger.NewMessage(edge, number));
    }

    private static async Task SendAll(SoakContext context, ActorRef<SoakMessage> actor, int edge, int count, Random random)
    {
        for (int number = 1; number <= count; number++)
        {
            using var cancel = new CancellationTokenSource();
            var message = context.Ledger.NewMessage(edge, number);
            var sending = actor.SendAsync(message, cancel.Token).AsTask();
            if (random.Next(8) == 0)
                await cancel.CancelAsync();
            try
            {
                if (!await sending)
                    message.SettleRefused();
            }
            catch (OperationCanceledException)
            {
                message.SettleRefused();
            }
        }
    }

    private static async Coroutine SendAllInside(SoakContext context, ActorRef<SoakMessage> actor, int edge, int count)
    {
        for (int number = 1; number <= count; number++)
        {
            var message = context.Ledger.NewMessage(edge, number);
            if (!await actor.SendAsync(message))
                message.SettleRefused();
        }
    }

    private static async Task OfferAll(SoakContext context, ActorRef<SoakMessage> actor, int edge, int count)
    {
        for (int number = 1; number <= count; number++)
        {
            var message = context.Ledger.NewMessage(edge, number);
            if (!await DataflowBlock.SendAsync(actor, message))
                message.SettleRefused();
        }
    }

    private static async Task LinkAll(SoakContext context, ActorRef<SoakMessage> actor, int edge, int count)
    {
        var source = new BufferBlock<SoakMessage>();
        using var link = source.LinkTo(actor);
        for (int number = 1; number <= count; number++)
            source.Post(context.Ledger.NewMessage(edge, number));
        source.Complete();
        await source.Completion;
    }

    // Number 0: without an order.
    private static async Task WriteAll(SoakContext context, ActorRef<SoakMessage> actor, int count)
    {
        var writer = actor.AsChannelWriter();
        for (int i = 0; i < count; i++)
            await writer.WriteAsync(context.Ledger.NewMessage());
    }

    private sealed class Receiver<T>(Sink sink) : Actor<T>
        where T : ISoakMessage
    {
        protected override void Receive(T message) => sink.Handle(message.Content);
    }
}

/// <summary>Handles messages one at a time and checks their order; messages with number 0 have none.</summary>
internal sealed class Sink(Ledger ledger, int edges, bool mayLose = false)
{
    private readonly long[] _last = new long[edges];
    private int _inTurn;

    public void Handle(SoakMessage message)
    {
        if (Interlocked.Exchange(ref _inTurn, 1) != 0)
            ledger.Violate("two turns at once");
        if (message.Number > 0)
        {
            ref long last = ref _last[message.Edge];
            if (message.Number <= last || (!mayLose && message.Number != last + 1))
                ledger.Violate($"edge {message.Edge} brought {message.Number} after {last}");
            last = message.Number;
        }

        message.Settle(Fate.Handled);
        Volatile.Write(ref _inTurn, 0);
    }

    public async ValueTask HandleAsync(SoakMessage message)
    {
        Handle(message);
        if (message.Number % 64 == 0)
            await Task.Yield();
    }
}
