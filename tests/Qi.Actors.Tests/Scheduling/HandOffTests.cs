using Qi.Actors.Platform;
using Qi.Actors.Scheduling;
using Qi.Actors.Tests.Coroutines;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Scheduling;

/// <summary>A turn that blocks loses its dispatcher, not the others their turns.</summary>
internal sealed class HandOffTests
{
    [Test]
    public async Task Block_OnAnEventThatAnotherItemSets_Ends()
    {
        await using var system = Make();
        using var isSet = new ManualResetEventSlim();
        using var isBlocking = new ManualResetEventSlim();

        async Coroutine Blocks()
        {
            isBlocking.Set();
            Signal.Block(isSet);
        }

        var blocked = system.Actors.Spawn(Blocks);
        Signal.Block(isBlocking);
        await Signal.Within(system.Actors.Spawn(async () => isSet.Set()).AsTask());
        await Signal.Within(blocked.AsTask());
        Assert.That(system.Actors.Statistics.HandOffs, Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public async Task Block_OnAnEventThatTheItemInTheLifoSlotSets_Ends()
    {
        await using var system = Make();
        using var isSet = new ManualResetEventSlim();

        async Coroutine Blocks()
        {
            _ = Coroutine.Spawn(Sets());
            Signal.Block(isSet);
        }

        async Coroutine Sets() => isSet.Set();

        await Signal.Within(system.Actors.Spawn(Blocks).AsTask());
    }

    [Test]
    public async Task Block_InSeveralTurnsInARow_Ends()
    {
        const int Depth = 8;
        await using var system = Make();
        var events = Enumerable.Range(0, Depth + 1).Select(_ => new ManualResetEventSlim()).ToArray();

        async Coroutine Blocks(int number)
        {
            if (number < Depth)
                _ = Coroutine.Spawn(Blocks(number + 1));
            else
                events[Depth].Set();
            Signal.Block(events[number]);
            if (number > 0)
                events[number - 1].Set();
        }

        await Signal.Within(system.Actors.Spawn(Blocks(0)).AsTask());
        Assert.That(system.Actors.Statistics.HandOffs, Is.GreaterThanOrEqualTo(Depth));
    }

    [Test]
    public async Task Timers_OfABlockedDispatcher_Fire()
    {
        await using var system = Make();
        using var isSet = new ManualResetEventSlim();

        async Coroutine Delayed()
        {
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(20));
            isSet.Set();
        }

        async Coroutine Blocks()
        {
            var delayed = Coroutine.Spawn(Delayed());
            await Coroutine.YieldAsync(); // the delay is armed on this dispatcher
            Signal.Block(isSet);
            await delayed;
        }

        await Signal.Within(system.Actors.Spawn(Blocks).AsTask());
    }

    [Test]
    public async Task Block_InATurnThatATimerStartedLongAfterEverythingFellAsleep_IsNoticed()
    {
        await using var system = Make();
        using var isSet = new ManualResetEventSlim();
        using var isBlocking = new ManualResetEventSlim();

        async Coroutine Blocks()
        {
            // Twenty quiet periods of 1 ms put the monitor to sleep.
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(300));
            isBlocking.Set();
            Signal.Block(isSet);
        }

        var blocked = system.Actors.Spawn(Blocks);
        Signal.Block(isBlocking);
        await Signal.Within(system.Actors.Spawn(async () => isSet.Set()).AsTask(), "the coroutine behind the blocked turn");
        await Signal.Within(blocked.AsTask());
    }

    [Test]
    public async Task Compute_ForManyThresholds_KeepsItsDispatcher()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("Only Linux tells whether a thread computes.");
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 2, BlockedTurnThreshold = TimeSpan.FromMilliseconds(5) });
        int others = 0;

        async Coroutine Other() => Atomic.Add(ref others, 1);

        // It spawns more slowly than others run it: a ring from which nobody takes for a while is a reason to hand over.
        async Coroutine Computes()
        {
            long nextNs = Clock.NowNs();
            for (long endNs = nextNs + (200 * Clock.NsPerMs); nextNs < endNs; nextNs += 2_000)
            {
                _ = Coroutine.Spawn(Other());
                while (Clock.NowNs() < nextNs)
                    Atomic.Pause();
            }
        }

        long before = system.Actors.Statistics.HandOffs;
        await Signal.Within(system.Actors.Spawn(Computes).AsTask());
        Assert.That(system.Actors.Statistics.HandOffs - before, Is.LessThanOrEqualTo(1), "a pause for collection may look like a block");
        Assert.That(Atomic.Read(ref others), Is.GreaterThan(0), "the other dispatcher has helped");
    }

    [Test]
    public async Task Compute_UntilAnItemBehindItHasRun_Ends([Values] bool isInject, [Values(QueuePlace.Next, QueuePlace.Fresh, QueuePlace.Last)] QueuePlace place, [Values(1, 2)] int dispatchers)
    {
        using var pool = new TestPool(TestPool.Settings(dispatchers) with { BlockedTurnNs = Clock.NsPerMs });
        bool isSet = false;
        var done = Signal.NewSource();
        var setter = new CallItem(_ => Atomic.Write(ref isSet, true));
        pool.Pool.Schedule(new CallItem(_ =>
        {
            var thread = ThreadContext.Instance;
            if (isInject)
                Task.Run(() => pool.Pool.Schedule(setter)).Wait();
            else if (place == QueuePlace.Next)
                pool.Pool.Schedule(setter, thread);
            else if (place == QueuePlace.Fresh)
                pool.Pool.ScheduleFresh(setter, thread);
            else
                pool.Pool.ScheduleLast(setter, thread);
            while (!Atomic.Read(ref isSet))
                Atomic.Pause();
            done.SetResult();
        }));
        await Signal.Within(done.Task);
    }

    [Test]
    public async Task Compute_UntilATimerOfItsDispatcherHasFired_Ends()
    {
        await using var system = Make();
        bool isSet = false;

        async Coroutine Delayed()
        {
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(5));
            Atomic.Write(ref isSet, true);
        }

        async Coroutine Computes()
        {
            var delayed = Coroutine.Spawn(Delayed());
            await Coroutine.YieldAsync(); // the delay is armed on this dispatcher
            while (!Atomic.Read(ref isSet))
                Atomic.Pause();
            await delayed;
        }

        await Signal.Within(system.Actors.Spawn(Computes).AsTask());
    }

    [Test]
    public async Task ScheduleFresh_InATurnThatIsKnownToBeLong_HidesNothing()
    {
        using var pool = new TestPool(TestPool.Settings(1) with { RingCapacity = 16, BlockedTurnNs = 3_600_000_000_000 });
        var seen = new TaskCompletionSource<(bool HidBefore, bool HidesAfter, int Items)>(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.Pool.Schedule(new CallItem(_ =>
        {
            var thread = ThreadContext.Instance;
            var dispatcher = thread.Dispatcher!;
            for (int i = 0; i < 3; i++)
                pool.Pool.ScheduleFresh(new CallItem(_ => { }), thread);
            bool hidBefore = dispatcher.HidesWork();
            dispatcher.ShareDuring(dispatcher.TurnSerial);
            pool.Pool.ScheduleFresh(new CallItem(_ => { }), thread);
            seen.SetResult((hidBefore, dispatcher.HidesWork(), dispatcher.Lanes.ItemCount));
        }));

        Assert.That(await Signal.Within(seen.Task), Is.EqualTo((true, false, 4)));
    }

    [Test]
    public async Task Thread_ThatWakesAfterItLostItsDispatcher_SchedulesThroughTheInjectQueue()
    {
        await using var system = Make();
        using var isSet = new ManualResetEventSlim();
        int children = 0;

        async Coroutine Child()
        {
            await Coroutine.YieldAsync();
            children++;
        }

        async Coroutine Blocks()
        {
            _ = Coroutine.Spawn(Sets());
            Signal.Block(isSet);

            // This thread has lost its dispatcher; all of this goes another way in.
            var handles = Enumerable.Range(0, 1_000).Select(_ => Coroutine.Spawn(Child())).ToArray();
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(1));
            foreach (var handle in handles)
                await handle;
        }

        async Coroutine Sets() => isSet.Set();

        await Signal.Within(system.Actors.Spawn(Blocks).AsTask());
        Assert.That(children, Is.EqualTo(1_000));
    }

    [Test]
    public async Task Threads_OfManyHandOffs_AreReused()
    {
        await using var system = Make();

        async Coroutine Blocks()
        {
            using var isSet = new ManualResetEventSlim();
            _ = Coroutine.Spawn(Sets(isSet));
            Signal.Block(isSet);
        }

        async Coroutine Sets(ManualResetEventSlim isSet) => isSet.Set();

        for (int i = 0; i < 30; i++)
            await Signal.Within(system.Actors.Spawn(Blocks).AsTask());
        var statistics = system.Actors.Statistics;
        Assert.That(statistics.HandOffs, Is.GreaterThanOrEqualTo(30));
        Assert.That(statistics.Threads, Is.LessThanOrEqualTo(4), "one at a time was blocked");
    }

    [Test]
    public async Task Threads_OfBlockedTurns_AreBounded()
    {
        const int Limit = 3;
        await using var system = new TestSystem(new QiActorsOptions
        {
            WorkerThreads = 1,
            BlockingThreads = Limit,
            BlockedTurnThreshold = TimeSpan.FromMilliseconds(1),
        });
        using var release = new ManualResetEventSlim();
        using var entered = new SemaphoreSlim(0);

        async Coroutine Blocks()
        {
            entered.Release();
            Signal.Block(release);
        }

        var handles = Enumerable.Range(0, 10).Select(_ => system.Actors.Spawn(Blocks)).ToArray();
        for (int i = 0; i < Limit + 1; i++)
            await Signal.Within(entered);
        await LateSignalTests.WaitUntil(() => system.Log.Entries.Any(entry => entry.Id == 101));
        Assert.That(system.Actors.Statistics.Threads, Is.EqualTo(Limit + 1));
        Assert.That(entered.CurrentCount, Is.Zero, "no more than the limit are in their turns");
        release.Set();
        foreach (var handle in handles)
            await Signal.Within(handle.AsTask());
    }

    private static TestSystem Make()
        => new(new QiActorsOptions { WorkerThreads = 1, BlockedTurnThreshold = TimeSpan.FromMilliseconds(1) });
}
