using System.Reflection;

using Qi.Actors.Scheduling;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

/// <summary>Deadlines where they are easily lost: slots that are used again, clocks that move at the wrong moment, systems that end.</summary>
internal sealed class AskDeadlineTests
{
    [Test]
    public async Task Deadline_OfASlotThatAnotherSystemHasArmed_StillPasses()
    {
        var ended = Signal.NewSource<Task<int>>();
        var time = new VirtualTimeProvider();
        await using var first = new TestSystem(timeProvider: new VirtualTimeProvider());
        await using var second = new TestSystem(timeProvider: time);
        var asked = new SemaphoreSlim(0);
        var silent = second.Actors.Spawn<Question>(_ => asked.Release());

        // Slots are pooled by thread: on one thread, the second system's ask takes the first one's slot.
        var thread = new Thread(() =>
        {
            var prompt = first.Actors.Spawn<Question>(question => question.ReplyTo.Tell(1));
            var answer = prompt.AskAsync<int>(reply => new Question(1, reply));
            SpinWait.SpinUntil(() => answer.IsCompleted, Signal.Bound);
            Assert.That(answer.GetAwaiter().GetResult(), Is.EqualTo(1));
            ended.SetResult(silent.AskAsync<int>(reply => new Question(2, reply), TimeSpan.FromMinutes(1)).AsTask());
        });
        thread.Start();
        var pending = await Signal.Within(ended.Task);
        await Signal.Within(asked);

        time.Advance(TimeSpan.FromMinutes(2));

        Assert.That(async () => await Signal.Within(pending, "the time-out"), Throws.InstanceOf<AskTimeoutException>());
        thread.Join();
    }

    [Test]
    public async Task Deadline_WhileTheClockMovesUnderTheAlarm_StillPasses()
    {
        var time = new HookedTimeProvider();
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 }, time);
        var silent = system.Actors.Spawn<Question>(_ => { });
        int moved = 0;
        time.BeforeTimerChange = () =>
        {
            if (Interlocked.Exchange(ref moved, 1) == 0)
                time.Advance(TimeSpan.FromSeconds(10));
        };

        var pending = silent.AskAsync<int>(reply => new Question(1, reply)).AsTask();

        Assert.That(async () => await Signal.Within(pending, "the time-out"), Throws.InstanceOf<AskTimeoutException>());
    }

    [Test]
    public async Task Deadlines_OfManyLengths_PassEachInItsTime()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(timeProvider: time);
        var silent = system.Actors.Spawn<Question>(_ => { });
        var pending = Enumerable.Range(1, 60)
            .Select(seconds => silent.AskAsync<int>(reply => new Question(1, reply), TimeSpan.FromSeconds(seconds)).AsTask())
            .ToArray();

        for (int i = 0; i < pending.Length; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1) + TimeSpan.FromMilliseconds(i == 0 ? 100 : 0));
            Assert.That(async () => await Signal.Within(pending[i]), Throws.InstanceOf<AskTimeoutException>());
            Assert.That(pending.Skip(i + 1).Any(task => task.IsCompleted), Is.False, $"after {i + 1} s");
        }
    }

    [Test]
    public async Task Slot_UsedAgainWithAShorterDeadline_KeepsTheShorter()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(timeProvider: time);
        var actor = system.Actors.Spawn<Question>(question =>
        {
            if (question.Number == 1)
                question.ReplyTo.Tell(1);
        });
        var asker = system.Actors.Spawn(async Coroutine () =>
        {
            await actor.AskAsync<int>(reply => new Question(1, reply), TimeSpan.FromHours(1));
            await actor.AskAsync<int>(reply => new Question(2, reply), TimeSpan.FromSeconds(2));
        });

        var ended = asker.AsTask();
        while (!ended.IsCompleted && time.Elapsed < TimeSpan.FromMinutes(10))
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await system.Actors.Spawn(async Coroutine () => await Coroutine.YieldAsync());
        }

        Assert.That(async () => await Signal.Within(ended), Throws.InstanceOf<AskTimeoutException>());
    }

    [Test]
    public async Task Slot_UsedAgainLater_DoesNotPassEarly()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 }, time);
        var later = Signal.NewSource();
        var asked = new SemaphoreSlim(0);
        var actor = system.Actors.Spawn<Question>(question =>
        {
            asked.Release();
            if (question.Number == 1)
                question.ReplyTo.Tell(1);
        });
        var asker = system.Actors.Spawn(async Coroutine () =>
        {
            await actor.AskAsync<int>(reply => new Question(1, reply));
            await later.Task;
            await actor.AskAsync<int>(reply => new Question(2, reply));
        });
        var ended = asker.AsTask();
        await Signal.Within(asked);
        time.Advance(TimeSpan.FromSeconds(3));
        later.SetResult();
        await Signal.Within(asked);

        // The slot's timer fires at 5 s for the first ask, finds the second one and sleeps on.
        foreach (double seconds in new[] { 2.5, 2.49 })
        {
            time.Advance(TimeSpan.FromSeconds(seconds));
            await SomeTurns(system);
            Assert.That(ended.IsCompleted, Is.False, $"at {time.Elapsed}");
        }

        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.That(async () => await Signal.Within(ended), Throws.InstanceOf<AskTimeoutException>());
    }

    [Test]
    public async Task Ask_PendingWhenTheSystemStops_Ends()
    {
        var system = new TestSystem();
        var asked = new SemaphoreSlim(0);
        var silent = system.Actors.Spawn<Question>(_ => asked.Release());
        var shortOne = silent.AskAsync<int>(reply => new Question(1, reply), TimeSpan.FromMilliseconds(900)).AsTask();
        var longOne = silent.AskAsync<int>(reply => new Question(1, reply), TimeSpan.FromHours(1)).AsTask();
        await Signal.Within(asked);
        await Signal.Within(asked);

        await system.DisposeAsync();

        Assert.That(async () => await Signal.Within(shortOne, "the short ask"), Throws.InstanceOf<AskTimeoutException>());
        Assert.That(async () => await Signal.Within(longOne, "the long ask"), Throws.InstanceOf<AskTimeoutException>());
    }

    [Test]
    public async Task Timer_OnItsWayToADispatcherThatHasEnded_IsFiredByTheStop()
    {
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 });
        var fired = Signal.NewSource();
        var pool = system.Actors.Pool;
        var whenEnding = pool.ThreadEnding;
        pool.ThreadEnding = thread =>
        {
            whenEnding?.Invoke(thread);
            new ProbeTimer(fired).Arm(pool, TimeSpan.FromHours(1));
        };

        await Signal.Within(system.Actors.StopAsync());

        await Signal.Within(fired.Task, "the timer");
    }

    // The dispatcher looks at its timers before it sleeps, and whenever it wakes up.
    private static async Task SomeTurns(TestSystem system)
    {
        for (int i = 0; i < 5; i++)
        {
            await Signal.Within(system.Actors.Spawn(async Coroutine () => await Coroutine.YieldAsync()).AsTask());
            Assert.That(SpinWait.SpinUntil(() => system.Actors.Pool.Idle.ParkedCount == 1, Signal.Bound), Is.True);
        }
    }

    private sealed class ProbeTimer(TaskCompletionSource fired) : TimerEntry
    {
        protected override void Fire(ThreadContext thread) => fired.TrySetResult();
    }

    [Test]
    public async Task Deadline_OfAnAskThatWaitsBehindALongTurn_Passes()
    {
        var mayEnd = Signal.NewSource();
        var isHeld = Signal.NewSource();
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 });
        var held = system.Actors.Spawn<Question>(async question =>
        {
            isHeld.TrySetResult();
            await mayEnd.Task;
        });
        _ = held.AskAsync<int>(reply => new Question(1, reply), TimeSpan.FromHours(1)).AsTask();
        await Signal.Within(isHeld.Task);

        // The ask schedules nothing, since the asked actor's mailbox is held: only its deadline waits for the turn that computes.
        async Coroutine<bool> AskAndCompute()
        {
            var asked = held.AskAsync<int>(reply => new Question(2, reply), TimeSpan.FromSeconds(1)).AsTask();
            long end = Environment.TickCount64 + 4_000;
            while (!asked.IsCompleted && Environment.TickCount64 < end)
                Thread.SpinWait(1_000);
            return asked.IsFaulted;
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(AskAndCompute).AsTask()), Is.True, "the time-out comes during the turn");
        mayEnd.SetResult();
    }

    [Test]
    public async Task Fix_WhileALateFixerStampsTheUseBefore_StillStamps()
    {
        var time = new InterruptedTime();
        await using var system = new TestSystem(timeProvider: time);
        var silent = system.Actors.Spawn<Question>(_ => { });
        var target = typeof(ReplyTo<int>).GetField("_target", BindingFlags.Instance | BindingFlags.NonPublic)!;
        var stamp = typeof(AskSlot<int>).GetField("_stamp", BindingFlags.Instance | BindingFlags.NonPublic)!;
        AskSlot<int>? slot = null;
        _ = silent.AskAsync<int>(
            reply =>
            {
                slot = (AskSlot<int>)target.GetValue(reply)!;
                return new Question(1, reply);
            },
            TimeSpan.FromHours(1)).AsTask();
        long expected = (long)stamp.GetValue(slot)! >>> 40;

        stamp.SetValue(slot, 0L); // as if this use had not been fixed yet
        time.Interrupt = () => stamp.SetValue(slot, (expected + 7) << 40);
        slot!.Fix();

        Assert.That(time.Interrupt, Is.Null, "the fixer has looked at the clock");
        Assert.That((long)stamp.GetValue(slot)! >>> 40, Is.EqualTo(expected));
    }

    /// <summary>A clock that stands still and calls back at this thread's next look, once.</summary>
    private sealed class InterruptedTime : TimeProvider
    {
        private readonly Thread _thread = Thread.CurrentThread;

        public Action? Interrupt { get; set; }

        public override long GetTimestamp()
        {
            if (Thread.CurrentThread != _thread)
                return 0;
            var interrupt = Interrupt;
            Interrupt = null;
            interrupt?.Invoke();
            return 0;
        }
    }
}
