namespace Qi.Actors.Load.Soak;

/// <summary>Ends, names and schedules of actors.</summary>
internal static class LifeEpisodes
{
    public static async Task StopUnderFire(SoakContext context)
    {
        var random = context.Random;
        int end = random.Next(5);
        var mailbox = random.Next(2) == 0 ? MailboxOptions.Unbounded : MailboxOptions.Bounded(random.Next(1, 8), (MailboxFullMode)random.Next(4));
        var life = new Life(context, failsAt: end == 4 ? random.Next(1, 100) : 0);
        var actor = context.System.Spawn(() => new Mortal(life), options: new ActorOptions { Mailbox = mailbox, Priority = context.RandomPriority() });
        int stopAfter = random.Next(1, 300);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var senders = Enumerable.Range(0, 3).Select(sender => Task.Run(() => Fire(context, actor, sender, 400, stopAfter, started))).ToArray();
        await context.Within(started.Task, "the first messages");
        var failure = new InvalidOperationException("planned");
        switch (end)
        {
            case 0: await context.Within(actor.StopAsync(StopMode.Drain), "a drain"); break;
            case 1: await context.Within(actor.StopAsync(StopMode.Now), "a stop"); break;
            case 2: actor.Complete(); break;
            case 3: actor.Fault(failure); break;
            default: break;
        }

        await context.Within(Task.WhenAll(senders), "senders to an actor that ends");
        if (end == 4)
            actor.Complete(); // Its mailbox may have refused so much that it never came to fail.
        await context.Within(Task.WhenAny(actor.Completion), "Completion");
        bool hasFailed = end == 3 || life.HasFailed;
        context.Check(actor.Completion.IsFaulted == hasFailed, $"Completion is {actor.Completion.Status} after end {end}");
        context.Check(life.Stopped == 1, $"OnStopped ran {life.Stopped} times");
        context.Check(actor.IsStopped, "it does not say that it has stopped");
    }

    public static async Task Names(SoakContext context)
    {
        string name = $"named-{context.Random.Next()}";
        for (int round = 0; round < 5; round++)
        {
            var sink = new Sink(context.Ledger, 1);
            var actor = context.System.Spawn<SoakMessage>(sink.Handle, name);
            context.System.Get<SoakMessage>(name).Tell(context.Ledger.NewMessage());
            context.Check(context.System.TryGet<SoakMessage>(name, out var same) && ReferenceEquals(same, actor), "TryGet gives another actor");
            context.Check(!context.System.TryGet<string>(name, out _), "TryGet ignores the type of messages");
            context.Check(await context.Throws<DuplicateActorNameException>(() => Task.Run(() => context.System.Spawn<SoakMessage>(sink.Handle, name))), "a name was given twice");
            await context.Within(actor.StopAsync(), "a named actor's end");
            context.Check(await context.Throws<ActorNotFoundException>(() => Task.Run(() => context.System.Get<SoakMessage>(name))), "a stopped actor was found");
        }
    }

    public static async Task Schedule(SoakContext context)
    {
        var random = context.Random;
        var handled = new CountdownEvent(5);
        var periodic = context.System.Spawn<int>(_ =>
        {
            if (!handled.IsSet)
                handled.Signal();
        });
        var beat = context.System.Schedule(periodic, 1, TimeSpan.FromMilliseconds(random.Next(5)), TimeSpan.FromMilliseconds(random.Next(1, 5)));
        var sink = new Sink(context.Ledger, 1);
        var once = context.System.Spawn<SoakMessage>(sink.Handle);
        int count = random.Next(1, 200);
        for (int i = 0; i < count; i++)
            context.System.Schedule(once, context.Ledger.NewMessage(), TimeSpan.FromTicks(random.Next(200_000)));

        // Those that are disposed of in time never come: they are no messages.
        for (int i = 0; i < count; i++)
            context.System.Schedule(once, new SoakMessage(context.Ledger, 0, 0), context.Patience).Dispose();
        context.Check(await context.Until(() => handled.IsSet), "a period has not come five times");
        beat.Dispose();
        context.Check(await context.Until(() => context.Ledger.IsBalanced), "scheduled messages have not come");
        await context.Within(Task.WhenAll(periodic.StopAsync(), once.StopAsync()), "the ends of scheduled actors");
        context.System.Schedule(once, new SoakMessage(context.Ledger, 0, 0), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)).Dispose();
        handled.Dispose();
    }

    private static async Task Fire(SoakContext context, ActorRef<SoakMessage> actor, int sender, int count, int stopAfter, TaskCompletionSource started)
    {
        for (int number = 1; number <= count; number++)
        {
            var message = context.Ledger.NewMessage(sender, number);
            if (sender > 0)
                actor.Tell(message);
            else if (!await actor.SendAsync(message))
                message.SettleRefused();
            if (number == stopAfter)
                started.TrySetResult();
        }
    }

    private sealed class Life(SoakContext context, int failsAt)
    {
        private int _handled;

        public int Stopped { get; private set; }

        public bool HasFailed { get; private set; }

        public void Handle(SoakMessage message)
        {
            message.Settle(Fate.Handled);
            if (Stopped > 0)
                context.Ledger.Violate("a message after the stopped hook");
            if (++_handled != failsAt)
                return;
            HasFailed = true;
            throw new InvalidOperationException("planned");
        }

        public void End() => Stopped++;
    }

    private sealed class Mortal(Life life) : Actor<SoakMessage>
    {
        private int _cancelled;

        protected override void OnStarted() => StoppingToken.Register(() => _cancelled++);

        protected override void Receive(SoakMessage message) => life.Handle(message);

        protected override void OnStopped() => life.End();
    }
}
