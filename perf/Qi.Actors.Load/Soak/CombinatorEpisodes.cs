using System.Threading.Channels;

namespace Qi.Actors.Load.Soak;

/// <summary>Coroutines made of others, and awaits of what is not ours.</summary>
internal static class CombinatorEpisodes
{
    public static async Task Combine(SoakContext context)
    {
        int count = context.Random.Next(1, 50);
        int attempts = context.Random.Next(1, 5);
        await context.Run(async Coroutine () =>
        {
            int[] all = await Coroutine.All([.. Enumerable.Range(0, count).Select(After)]);
            context.Check(all.SequenceEqual(Enumerable.Range(0, count)), "All mixed its results up");
            context.Check(await Coroutine.Any(Fail<int>(), After(7), Forever<int>()) == 7, "Any gave another result");
            context.Check(await Coroutine.Race(After(8), Forever<int>()) == 8, "Race gave another result");
            context.Check(await Coroutine.Timeout(After(9), context.Patience) == 9, "Timeout gave another result");
            context.Check(await Coroutine.Retry(number => number < attempts ? Fail<int>() : After(number), attempts) == attempts, "Retry gave another result");
            context.Check(await After(1).Then(static value => After(value + 1)).Map(static value => value * 10) == 20, "Then or Map gave another result");
            context.Check(await Coroutine.From(Task.FromResult(3)) == 3, "From gave another result");
            await Coroutine.All(Coroutine.From(Task.CompletedTask), Coroutine.From(Task.Delay(1)));
        });
        context.Check(await context.Throws<TimeoutException>(() => context.Run(static () => Coroutine.Timeout(Forever<int>(), TimeSpan.FromMilliseconds(1)))), "Timeout waited on");
        context.Check(await context.Throws<FormatException>(() => context.Run(static () => Coroutine.All(Forever<int>(), Fail<int>()))), "All waited on");
        context.Check(await context.Throws<AggregateException>(() => context.Run(static () => Coroutine.Any(Fail<int>(), Fail<int>()))), "Any succeeded");
        context.Check(await context.Throws<FormatException>(() => context.Run(() => Coroutine.Retry(static _ => Fail<int>(), attempts))), "Retry succeeded");
    }

    public static async Task Foreign(SoakContext context)
    {
        int count = context.Random.Next(10, 300);
        var channel = Channel.CreateBounded<SoakMessage>(4);
        using var semaphore = new SemaphoreSlim(0);
        var sink = new Sink(context.Ledger, 1);
        var reading = context.Run(async Coroutine () =>
        {
            for (int i = 0; i < count; i++)
            {
                sink.Handle(await channel.Reader.ReadAsync());
                if (i % 16 == 0)
                    await Task.Delay(1);
                if (i % 16 == 8)
                    await Task.Yield();
                semaphore.Release();
            }
        });
        var actor = context.System.Spawn<int>(async from =>
        {
            for (int number = from; number <= count; number++)
            {
                await channel.Writer.WriteAsync(context.Ledger.NewMessage(0, number));
                await semaphore.WaitAsync();
            }
        });
        actor.Tell(1);
        await context.Within(reading, "a coroutine that reads a channel");
        await context.Within(actor.StopAsync(), "an actor that writes into a channel");
        await CancelAwaits(context);
    }

    private static async Task CancelAwaits(SoakContext context)
    {
        var never = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Enumerable.Range(0, 20).Select(_ => context.System.Spawn(async Coroutine () => await never.Task)).ToArray();
        await Task.Yield();
        foreach (var coroutine in waiting)
            coroutine.Cancel();
        foreach (var coroutine in waiting)
            context.Check(await context.Throws<OperationCanceledException>(coroutine.AsTask), "a cancelled await went on");
        never.SetResult(0);
    }

    private static async Coroutine<int> After(int value)
    {
        if (value % 3 == 0)
            await Coroutine.YieldAsync();
        else
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(value % 3));
        return value;
    }

    private static async Coroutine<T> Fail<T>()
    {
        await Coroutine.YieldAsync();
        throw new FormatException("planned");
    }

    private static async Coroutine<T> Forever<T>()
    {
        await Coroutine.SuspendAsync();
        return default!;
    }
}
