namespace Qi.Actors.Load.Soak;

/// <summary>Coroutines: their lives, their messages and their time.</summary>
internal static class CoroutineEpisodes
{
    public static async Task Lives(SoakContext context)
    {
        int depth = context.Random.Next(1, 9);
        long size = await context.Run(() => Tree(context.System, depth));
        context.Check(size == (2L << depth) - 1, $"a tree of depth {depth} has {size} nodes");

        int turns = context.Random.Next(10, 500);
        await context.Run(() => PassAround(context, turns));

        var sleepers = Enumerable.Range(0, context.Random.Next(1, 200)).Select(_ => context.System.Spawn(Sleep, context.RandomPriority())).ToArray();
        foreach (var sleeper in sleepers)
            sleeper.Cancel();
        foreach (var sleeper in sleepers)
            context.Check(await context.Throws<OperationCanceledException>(sleeper.AsTask) && sleeper.State == CoroutineState.Cancelled, "a cancelled coroutine did not end so");

        var failing = context.System.Spawn(Fail);
        context.Check(await context.Throws<FormatException>(failing.AsTask) && failing.State == CoroutineState.Failed, "a failure was lost");
        context.Check(failing.Exception is FormatException && failing.IsDone, "a failed coroutine does not say why");
    }

    public static async Task Receive(SoakContext context)
    {
        int count = context.Random.Next(10, 500);
        var receiver = context.System.Spawn(() => ReceiveAll(context, count), context.RandomPriority());
        for (int number = 1; number <= count; number++)
        {
            receiver.Tell(number);
            receiver.Tell(context.Ledger.NewMessage(0, number));
        }

        await context.Within(receiver.AsTask(), "a receiver");

        // What an ended coroutine is told stays with the sender.
        var late = context.Ledger.NewMessage();
        context.Check(!receiver.Tell(late), "an ended coroutine took a message");
        late.SettleRefused();
        context.Check(await context.Throws<TimeoutException>(() => context.Run(ReceiveInVain)), "a receive did not time out");
    }

    public static async Task Time(SoakContext context)
    {
        int count = context.Random.Next(1, 300);
        int seed = context.Random.Next();
        await context.Run(async Coroutine () =>
        {
            var random = new Random(seed);
            var delays = Enumerable.Range(0, count).Select(_ => Coroutine.Spawn(Delay(context, random.Next(30)))).ToArray();
            foreach (var delay in delays)
                await delay;
            var interval = Coroutine.Interval(TimeSpan.FromMilliseconds(random.Next(1, 4)));
            for (int beat = 0; beat < 5; beat++)
                await interval.NextAsync();
            context.Check(interval.Beats >= 5, $"{interval.Beats} beats instead of 5");
        });
        var cancelled = Enumerable.Range(0, count).Select(_ => context.System.Spawn(static () => Forever())).ToArray();
        foreach (var coroutine in cancelled)
            coroutine.Cancel();
        foreach (var coroutine in cancelled)
            context.Check(await context.Throws<OperationCanceledException>(coroutine.AsTask), "a cancelled delay went on");
    }

    private static async Coroutine<long> Tree(ActorSystem system, int depth)
    {
        if (depth == 0)
            return 1;
        if (depth % 3 == 0)
            await Coroutine.YieldAsync();
        var left = system.Spawn(Tree(system, depth - 1), (Priority)(depth % 4));
        var right = Coroutine.Spawn(Tree(system, depth - 1));
        return await left + await right + 1;
    }

    // Two that suspend themselves and resume each other.
    private static async Coroutine PassAround(SoakContext context, int turns)
    {
        int passed = 0;
        var self = Coroutine.Current;
        var other = Coroutine.Spawn(Partner());
        for (int turn = 0; turn < turns; turn++)
        {
            other.Resume();
            await Coroutine.SuspendAsync();
        }

        await other;
        context.Check(passed == turns, $"{passed} resumes instead of {turns}");

        async Coroutine Partner()
        {
            for (int turn = 0; turn < turns; turn++)
            {
                await Coroutine.SuspendAsync();
                passed++;
                self.Resume();
            }
        }
    }

    private static async Coroutine Sleep()
    {
        var token = Coroutine.CancellationToken;
        await Coroutine.SuspendAsync();
        token.ThrowIfCancellationRequested();
        Coroutine.ThrowIfCancelled();
    }

    private static async Coroutine Fail()
    {
        await Coroutine.YieldAsync();
        throw new FormatException("planned");
    }

    // The numbers first, the messages after them: what does not match stays where it is.
    private static async Coroutine ReceiveAll(SoakContext context, int count)
    {
        for (int number = 1; number <= count; number++)
            context.Check(await Coroutine.ReceiveAsync<int>() == number, "numbers out of order");
        var sink = new Sink(context.Ledger, 1);
        for (int number = 1; number <= count; number++)
            sink.Handle(await Coroutine.ReceiveAsync<SoakMessage>(context.Patience));
    }

    private static async Coroutine ReceiveInVain() => await Coroutine.ReceiveAsync<string>(TimeSpan.FromMilliseconds(1));

    private static async Coroutine Delay(SoakContext context, int milliseconds)
    {
        long start = context.System.TimeProvider.GetTimestamp();
        await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(milliseconds));
        var elapsed = context.System.TimeProvider.GetElapsedTime(start);
        context.Check(elapsed.TotalMilliseconds >= milliseconds - 1, $"a delay of {milliseconds} ms took {elapsed.TotalMilliseconds} ms");
    }

    private static async Coroutine Forever() => await Coroutine.DelayAsync(TimeSpan.FromDays(1));
}
