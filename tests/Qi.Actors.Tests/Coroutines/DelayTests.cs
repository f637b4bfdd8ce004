using System.Collections.Concurrent;

using Qi.Actors.Platform;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>Delays and yields.</summary>
public sealed class DelayTests
{
    [Test]
    public async Task Delay_UnderAManualClock_IsNeverEarlyAndKeepsTheOrderOfDeadlines([Values(1, 4)] int dispatchers)
    {
        const int Count = 200;
        var clock = new VirtualTimeProvider();
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = dispatchers }, clock);
        var random = new Rng(17);
        var ends = new ConcurrentQueue<(int Due, TimeSpan At)>();
        using var armed = new CountdownEvent(Count);

        async Coroutine Body(int dueMs)
        {
            var delay = Coroutine.DelayAsync(TimeSpan.FromMilliseconds(dueMs));
            armed.Signal();
            await delay;
            ends.Enqueue((dueMs, clock.Elapsed));
        }

        var handles = Enumerable.Range(0, Count).Select(_ => system.Actors.Spawn(Body((int)random.Below(500) + 1))).ToArray();
        Signal.Block(armed);
        await LateSignalTests.WaitUntil(() => handles.All(handle => handle.State == CoroutineState.Waiting));
        for (int now = 1; now <= 501; now++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            int due = now - 1; // a deadline may be rounded up by one tick
            await LateSignalTests.WaitUntil(() => ends.Count >= handles.Length || ends.Count(end => end.Due <= due) == DueBy(due));
        }

        foreach (var handle in handles)
            await Signal.Within(handle.AsTask());
        Assert.That(ends.Where(end => end.At < TimeSpan.FromMilliseconds(end.Due)), Is.Empty, "never early");

        int DueBy(int due)
        {
            var again = new Rng(17);
            return Enumerable.Range(0, Count).Count(_ => (int)again.Below(500) + 1 <= due);
        }
    }

    [Test]
    public async Task Delay_WhoseClockMovesWhileTheDispatcherGoesToSleep_Ends()
    {
        var clock = new HookedTimeProvider();
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 }, clock);
        int isFirst = 1;

        // The clock moves between the dispatcher's look at it and its setting of the alarm, and never again.
        clock.BeforeTimerChange = () =>
        {
            if (Atomic.Exchange(ref isFirst, 0) == 1)
                clock.Advance(TimeSpan.FromMilliseconds(10));
        };
        await Signal.Within(system.Actors.Spawn(async () => await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(10))).AsTask());
    }

    [Test]
    public async Task Delay_OfYearsUnderAnotherClock_DoesNotEndTheDispatcher()
    {
        var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 }, new OtherClock());
        await using (system)
        {
            var handle = system.Actors.Spawn(async () => await Coroutine.DelayAsync(TimeSpan.FromDays(400)));
            await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);
            await LateSignalTests.WaitUntil(() => system.Actors.Pool.Idle.ParkedCount == 1);
            await Signal.Within(system.Actors.Spawn(async () => await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(20))).AsTask());
            handle.Cancel();
        }
    }

    [Test]
    public async Task Delay_OfZero_EndsAtOnceAndOfTimeSpanMaxValueCanBeCancelled()
    {
        await using var system = new TestSystem();
        await Signal.Within(system.Actors.Spawn(async () => await Coroutine.DelayAsync(TimeSpan.Zero)).AsTask());
        var handle = system.Actors.Spawn(async () => await Coroutine.DelayAsync(TimeSpan.MaxValue));
        await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);
        handle.Cancel();
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Delay_ByTheMachinesClock_IsNeverEarly([Values(1, 3, 17)] int delayMs)
    {
        await using var system = new TestSystem();

        async Coroutine<TimeSpan> Body()
        {
            long startNs = Clock.NowNs();
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(delayMs));
            return Clock.NsToTimeSpan(Clock.NowNs() - startNs);
        }

        var elapsed = await Signal.Within(Task.WhenAll(Enumerable.Range(0, 20).Select(_ => system.Actors.Spawn(Body).AsTask())));
        Assert.That(elapsed, Is.All.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(delayMs)));
    }

    [Test]
    public async Task Yield_LetsTheOthersOfTheLaneGoFirst()
    {
        await using var system = TestSystem.WithOneDispatcher();
        var order = new List<int>();

        async Coroutine Body(int number)
        {
            for (int i = 0; i < 3; i++)
            {
                order.Add(number);
                await Coroutine.YieldAsync();
            }
        }

        async Coroutine Start()
        {
            // In the ring, not in the LIFO slot, all three wait for this turn's end in order.
            var handles = new[] { Coroutine.Spawn(Body(1), Priority.Low), Coroutine.Spawn(Body(2), Priority.Low), Coroutine.Spawn(Body(3), Priority.Low) };
            foreach (var handle in handles)
                await handle;
        }

        await Signal.Within(system.Actors.Spawn(Start).AsTask());
        Assert.That(order, Is.EqualTo(new[] { 1, 2, 3, 1, 2, 3, 1, 2, 3 }));
    }

    // As many are written: only the calendar differs, time flows as ever.
    private sealed class OtherClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);
    }
}
