using Qi.Actors.Platform;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>What coroutines cost the collector. In code that is not optimized the compiler's state machines are objects themselves.</summary>
[NonParallelizable]
public sealed class AllocationTests
{
    private const int Count = 20_000;

    [Test]
    public async Task Await_OfAChildThatEndsAtOnce_AllocatesNothing()
        => Assert.That(await BytesEach(async () => await CoroutineLifeTests.Answer()), Is.LessThan(1));

    [Test]
    public async Task Await_OfAChildThatSuspends_AllocatesNothing()
        => Assert.That(await BytesEach(async () => await LateSignalTests.Yields()), Is.LessThan(1));

    [Test]
    public async Task Await_OfAChildWithAnAsyncLocalSet_AllocatesNothing()
    {
        var local = new AsyncLocal<object> { Value = new object() };
        Assert.That(await BytesEach(async () => await LateSignalTests.Yields(), withContext: true), Is.LessThan(1));
        Assert.That(local.Value, Is.Not.Null);
    }

    [Test]
    public async Task Yield_AllocatesNothing() => Assert.That(await BytesEach(LateSignalTests.Yields), Is.LessThan(1));

    [Test]
    public async Task Delay_AllocatesNothing()
        => Assert.That(await BytesEach(async () => await Coroutine.DelayAsync(TimeSpan.FromTicks(1)), 200, limit: 16), Is.LessThan(16));

    [Test]
    public async Task SuspendAndResume_AllocateNothing()
        => Assert.That(
            await BytesEach(async () =>
            {
                Coroutine.Current.Resume();
                await Coroutine.SuspendAsync();
            }),
            Is.LessThan(1));

    [Test]
    public async Task TellAndReceive_OfAStruct_AllocateNothing()
        => Assert.That(
            await BytesEach(async () =>
            {
                Coroutine.Current.Tell((1L, 2L));
                await Coroutine.ReceiveAsync<(long, long)>();
            }),
            Is.LessThan(1));

    [Test]
    public async Task SpawnAndJoin_AllocateTheBoxAndTheJoin()
    {
        double bytes = await BytesEach(async () => await Coroutine.Spawn(CoroutineLifeTests.Answer()), limit: 176);
        Assert.That(bytes, Is.LessThan(176)); // the box of 130 at most, and the join
    }

    [Test]
    public async Task Spawn_AllocatesOneObjectOfAtMost130Bytes()
    {
        await using var system = TestSystem.WithOneDispatcher();

        async Coroutine<double> Body()
        {
            double best = double.MaxValue;
            long deadlineNs = Clock.NowNs() + Clock.TimeSpanToNs(Signal.Bound / 2);
            while (best > 130 && Clock.NowNs() < deadlineNs)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 1_000; i++)
                    _ = Coroutine.Spawn(CoroutineLifeTests.Answer());
                best = Math.Min(best, (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000.0);
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(2)); // they run, and the runtime compiles
            }

            return best;
        }

        Assume.That(IsOptimized, Is.True, "needs optimized code");
        Assert.That(await Signal.Within(SpawnWithoutContext(system, Body).AsTask()), Is.LessThanOrEqualTo(130));
    }

    private static bool IsOptimized
        => !typeof(AllocationTests).Assembly.GetCustomAttributes(inherit: false)
            .OfType<System.Diagnostics.DebuggableAttribute>().Any(attribute => attribute.IsJITOptimizerDisabled);

    // The best of many rounds, for code that is not optimized yet boxes the awaiters; the compiler works beside us, when it can.
    private static async Task<double> BytesEach(Func<Coroutine> step, int count = Count, bool withContext = false, double limit = 1)
    {
        Assume.That(IsOptimized, Is.True, "needs optimized code");
        await using var system = TestSystem.WithOneDispatcher();

        async Coroutine<double> Body()
        {
            double best = double.MaxValue;
            long deadlineNs = Clock.NowNs() + Clock.TimeSpanToNs(Signal.Bound / 2);
            while (best >= limit && Clock.NowNs() < deadlineNs)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < count; i++)
                    await step();
                best = Math.Min(best, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count);
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(count == Count ? 5 : 1));
            }

            return best;
        }

        return await Signal.Within((withContext ? system.Actors.Spawn(Body) : SpawnWithoutContext(system, Body)).AsTask());
    }

    // The test framework's own AsyncLocal values would flow, and take an object more for each coroutine.
    private static JoinHandle<double> SpawnWithoutContext(TestSystem system, Func<Coroutine<double>> body)
    {
        using (ExecutionContext.SuppressFlow())
            return system.Actors.Spawn(body);
    }
}
