using Qi.Actors.Platform;
using Qi.Actors.Scheduling;
using Qi.Actors.Tests.Coroutines;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Scheduling;

/// <summary>Sleeping, waking, stealing, overflowing: nothing is lost.</summary>
public sealed class ParkTests
{
    // The monitor looks for sleepers that should be awake: here it would hide what is under test.
    private const long NeverNs = 3_600_000_000_000;

    [Test]
    [Category("Stress")]
    public async Task Inject_OfSingleItemsIntoAnIdlePool_WakesSomebodyForEachOfThem([Values(1, 2, 4, 8)] int dispatchers, [Values(0, 30)] int spinUs)
    {
        const int Threads = 2;
        const int Each = 3_000;
        using var pool = new TestPool(TestPool.Settings(dispatchers) with { SpinNs = spinUs * 1_000, BlockedTurnNs = NeverNs });
        await Signal.Within(Task.WhenAll(Enumerable.Range(1, Threads).Select(seed => Task.Factory.StartNew(
            () =>
            {
                var random = new Rng((ulong)seed);
                using var hasRun = new SemaphoreSlim(0);
                var item = new CallItem(_ => hasRun.Release());
                for (int i = 0; i < Each; i++)
                {
                    pool.Pool.Schedule(item);
                    Assert.That(hasRun.Wait(Signal.Bound), Is.True, $"item {i} of thread {seed} was lost");
                    for (uint spins = random.Below(3_000); spins > 0; spins--)
                        Atomic.Pause();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))));
        Assert.That(pool.Pool.SumCounters().Turns, Is.EqualTo(Threads * Each));
    }

    [Test]
    [Category("Stress")]
    public async Task Fan_FromTurnsOfAMostlyIdlePool_RunsEveryItem([Values(1, 2, 4, 8)] int dispatchers)
    {
        const int Rounds = 1_000;
        const int Fan = 20; // overflows rings of 4
        using var pool = new TestPool(TestPool.Settings(dispatchers) with { BlockedTurnNs = NeverNs });
        for (int round = 0; round < Rounds; round++)
        {
            using var all = new CountdownEvent(Fan);
            var items = Enumerable.Range(0, Fan).Select(i => new CallItem(_ => all.Signal(), (Priority)(i % Lanes.Count))).ToArray();
            pool.Pool.Schedule(new CallItem(_ =>
            {
                foreach (var item in items)
                    pool.Pool.Schedule(item);
            }));
            Signal.Block(all, $"the items of round {round}");
        }

        Assert.That(pool.Pool.SumCounters().Turns, Is.EqualTo(Rounds * (Fan + 1)));
        await LateSignalTests.WaitUntil(() => pool.Pool.QueuedCount == 0);
    }

    [Test]
    public void Yield_OfALoneItem_WakesNobody()
    {
        const int Enough = 10_000;
        using var pool = new TestPool(TestPool.Settings(2) with { BlockedTurnNs = NeverNs });
        using var hasEnded = new ManualResetEventSlim();
        int asleep = 0;
        pool.Pool.Schedule(new CallItem(item =>
        {
            asleep += pool.Pool.Idle.ShouldWake ? 1 : 0;
            if (asleep == Enough)
                hasEnded.Set();
            else
                pool.Pool.ScheduleYielded(item, ThreadContext.Instance);
        }));
        Signal.Block(hasEnded, "turns while the other dispatcher sleeps");
        Assert.That(pool.Pool.SumCounters().Parks, Is.LessThan(Enough / 100), "whoever is woken parks again; maintenance comes every 64 turns at least");
    }

    [Test]
    public void Yield_WithAnotherItemWaiting_WakesSomebodyForIt([Values(Priority.Normal, Priority.Low)] Priority lane)
    {
        using var pool = new TestPool(TestPool.Settings(2) with { BlockedTurnNs = NeverNs });
        using var hasRun = new ManualResetEventSlim();
        using var hasEnded = new ManualResetEventSlim();
        bool hasRunElsewhere = false;
        pool.Pool.Schedule(new CallItem(item =>
        {
            var thread = ThreadContext.Instance;
            if (!pool.Pool.Idle.ShouldWake)
            {
                pool.Pool.ScheduleYielded(item, thread);
                return;
            }

            thread.Dispatcher!.Lanes.TryPush(new CallItem(_ => hasRun.Set(), lane)); // nobody is told of it
            pool.Pool.ScheduleYielded(new CallItem(_ => { }), thread);
            hasRunElsewhere = hasRun.Wait(Signal.Bound); // this turn does not end before
            hasEnded.Set();
        }));
        Signal.Block(hasEnded, "the end of the turn");
        Assert.That(hasRunElsewhere, Is.True);
    }

    [Test]
    public async Task Overflow_OfATinyRing_LosesNothing()
    {
        const int Count = 10_000;
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 2, QueueCapacity = 4 });
        int ended = 0;

        async Coroutine Child()
        {
            await Coroutine.YieldAsync();
            Atomic.Add(ref ended, 1);
        }

        async Coroutine Body()
        {
            var handles = Enumerable.Range(0, Count).Select(i => Coroutine.Spawn(Child(), (Priority)(i % 4))).ToArray();
            foreach (var handle in handles)
                await handle;
        }

        await Signal.Within(system.Actors.Spawn(Body).AsTask());
        Assert.That(ended, Is.EqualTo(Count));
        Assert.That(system.Actors.Statistics.Overflows, Is.Positive);
    }

    [Test]
    public async Task Steal_MovesWorkThatOneDispatcherSpawned([Values] bool isEnabled)
    {
        await using var system = new TestSystem(new QiActorsOptions
        {
            WorkerThreads = 2,
            EnableWorkStealing = isEnabled,
            BlockedTurnThreshold = TimeSpan.FromSeconds(10),
        });
        using var isStolen = new ManualResetEventSlim();

        async Coroutine Child() => isStolen.Set();

        async Coroutine Body()
        {
            for (int i = 0; i < 100; i++)
                _ = Coroutine.Spawn(Child());
            if (isEnabled)
                Signal.Block(isStolen, "the thief"); // nobody else can run them while this turn lasts
            await Coroutine.YieldAsync();
        }

        await Signal.Within(system.Actors.Spawn(Body).AsTask());
        await LateSignalTests.WaitUntil(() => system.Actors.Statistics.CompletedTasks == 101);
        Assert.That(system.Actors.Statistics.Steals, isEnabled ? Is.Positive : Is.Zero);
    }

    [Test]
    public async Task Spawn_InATurnThatWaitsForTheChild_RunsItElsewhere([Values] bool isAfterAChain)
    {
        await using var system = new TestSystem();
        int ran = 0;

#pragma warning disable CS1998 // They end in their first turn.
        async Coroutine Child() => Atomic.Write(ref ran, 1);

        async Coroutine Chain(int links, TaskCompletionSource isOver)
        {
            if (links > 0)
                _ = Coroutine.Spawn(Chain(links - 1, isOver));
            else
                isOver.SetResult();
        }

        async Coroutine Parent()
        {
            _ = Coroutine.Spawn(Child());
            SpinWait.SpinUntil(() => Atomic.Read(ref ran) != 0, Signal.Bound);
        }
#pragma warning restore CS1998

        if (isAfterAChain)
        {
            // Nobody who is woken meanwhile finds anything to do.
            var isOver = Signal.NewSource();
            _ = system.Actors.Spawn(Chain(100_000, isOver));
            await Signal.Within(isOver.Task);
        }

        await Signal.Within(system.Actors.Spawn(Parent).AsTask());
        Assert.That(ran, Is.EqualTo(1));
    }

    [Test]
    public async Task Priorities_OfItemsThatWait_DecideTheOrder()
    {
        await using var system = TestSystem.WithOneDispatcher();
        var order = new List<Priority>();

        async Coroutine Note(Priority priority) => order.Add(priority);

        async Coroutine Body()
        {
            foreach (var priority in new[] { Priority.Low, Priority.Normal, Priority.High, Priority.Critical })
                _ = Coroutine.Spawn(Note(priority), priority);
        }

        await Signal.Within(system.Actors.Spawn(Body).AsTask());
        await LateSignalTests.WaitUntil(() => system.Actors.Statistics.CompletedTasks == 5);
        Assert.That(order, Is.EqualTo(new[] { Priority.Critical, Priority.High, Priority.Normal, Priority.Low }));
    }

    [Test]
    [Category("Stress")]
    public async Task Lease_UnderTurnsThatBlockAboutAsLongAsTheThreshold_LosesNothing()
    {
        const int Count = 3_000;
        await using var system = new TestSystem(new QiActorsOptions
        {
            WorkerThreads = 2,
            QueueCapacity = 4,
            BlockedTurnThreshold = TimeSpan.FromMilliseconds(1),
        });
        using var never = new ManualResetEventSlim();
        int ended = 0;

        async Coroutine Blocks(int seed)
        {
            var random = new Rng((ulong)seed);
            for (int i = 0; i < 10; i++)
            {
                if (random.Below(20) == 0)
                    never.Wait(TimeSpan.FromMicroseconds(500 + random.Below(1_000)));
                _ = Coroutine.Spawn(Child());
                await Coroutine.YieldAsync();
                if (random.Below(10) == 0)
                    await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(random.Below(3)));
            }
        }

        async Coroutine Child() => Atomic.Add(ref ended, 1);

        async Coroutine<int> Hammer(int rounds)
        {
            int sum = 0;
            for (int i = 0; i < rounds; i++)
                sum += await Coroutine.Spawn(CoroutineLifeTests.Answer());
            return sum;
        }

        var hammer = system.Actors.Spawn(Hammer(20_000));
        var blocking = Enumerable.Range(1, Count / 10).Select(seed => system.Actors.Spawn(Blocks(seed))).ToArray();
        foreach (var handle in blocking)
            await Signal.Within(handle.AsTask());
        Assert.That(await Signal.Within(hammer.AsTask()), Is.EqualTo(20_000 * 42));
        await LateSignalTests.WaitUntil(() => Atomic.Read(ref ended) == Count);
        TestContext.Out.WriteLine($"{system.Actors.Statistics.HandOffs} hand-offs, {system.Actors.Statistics.Threads} threads");
    }

    [Test]
    [Category("Stress")]
    public async Task SpareThreads_ThatExpireAllTheTime_AreNeverAssignedWhenDead()
    {
        var settings = TestPool.Settings(1) with { BlockedTurnNs = 500_000, SpareKeepAlive = TimeSpan.FromMilliseconds(1) };
        using var pool = new TestPool(settings);
        for (int round = 0; round < 200; round++)
        {
            using var release = new ManualResetEventSlim();
            using var hasEnded = new ManualResetEventSlim();
            using var isBlocking = new ManualResetEventSlim();
            pool.Pool.Schedule(new CallItem(_ =>
            {
                isBlocking.Set();
                Signal.Block(release);
                hasEnded.Set();
            }));
            Signal.Block(isBlocking);
            pool.Pool.Schedule(new CallItem(_ => release.Set()));
            Signal.Block(hasEnded, $"round {round}");
        }

        Assert.That(pool.Pool.HandOffs, Is.GreaterThanOrEqualTo(200));
        await LateSignalTests.WaitUntil(() => pool.Pool.ThreadCount <= 2);
    }
}
