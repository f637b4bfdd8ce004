namespace Qi.Actors.Load.Soak;

/// <summary>Code that blocks, where it should and where it should not.</summary>
internal static class BlockingEpisodes
{
    private static readonly TimeSpan s_block = TimeSpan.FromMilliseconds(15);

    public static async Task Block(SoakContext context)
    {
        var system = context.System;
        int count = context.Random.Next(1, 8);
        var sink = new Sink(context.Ledger, count + 1);

        // More blocked handlers than dispatchers: others get their turns on spare threads.
        var blockers = Enumerable.Range(0, count).Select(_ => system.Spawn<SoakMessage>(message =>
        {
            Thread.Sleep(s_block);
            message.Settle(Fate.Handled);
        })).ToArray();
        foreach (var blocker in blockers)
            blocker.Tell(context.Ledger.NewMessage());
        var other = system.Spawn<SoakMessage>(sink.Handle);
        for (int number = 1; number <= 100; number++)
            other.Tell(context.Ledger.NewMessage(0, number));

        var works = Enumerable.Range(0, count).Select(value => system.RunBlocking(() =>
        {
            Thread.Sleep(1);
            return value;
        })).ToArray();
        int[] results = await context.Within(Task.WhenAll(works), "blocking work");
        context.Check(results.SequenceEqual(Enumerable.Range(0, count)), "blocking work gave other results");
        context.Check(await context.Throws<OperationCanceledException>(() => system.RunBlocking(static () => { }, new CancellationToken(canceled: true))), "cancelled work was run");

        var outside = Enumerable.Range(0, 2).Select(number => Task.Factory.StartNew(
            () => system.BlockOn(() => Double(number)),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        context.Check((await context.Within(Task.WhenAll(outside), "BlockOn")).SequenceEqual([0, 2]), "BlockOn gave other results");
        await context.Within(Task.WhenAll(blockers.Append(other).Select(static actor => actor.StopAsync())), "actors that block");
    }

    private static async Coroutine<int> Double(int number)
    {
        await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(1));
        return number * 2;
    }
}
