using System.Diagnostics;
using System.Threading.Tasks.Dataflow;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

internal sealed class ActorSchedulingTests
{
    [Test]
    public async Task Handler_ThatBlocksOnAnotherActor_IsFreedByIt()
    {
        using var signal = new ManualResetEventSlim();
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 });
        var done = Signal.NewSource();
        var entered = Signal.NewSource();
        var blocked = system.Actors.Spawn<int>(_ =>
        {
            entered.SetResult();
            Signal.Block(signal, "the other actor, which needs the only dispatcher");
            done.SetResult();
        });
        var freeing = system.Actors.Spawn<int>(_ => signal.Set());

        // The other actor's first turn may be in the queue still, before that of a message to this one.
        blocked.Tell(1);
        await Signal.Within(entered.Task);
        freeing.Tell(1);

        await Signal.Within(done.Task);
        Assert.That(system.Actors.Statistics.HandOffs, Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public async Task Handlers_ThatAllBlock_AreHandedOffOneByOne()
    {
        using var all = new CountdownEvent(8);
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 });
        var left = new CountdownEvent(8);
        for (int i = 0; i < 8; i++)
        {
            system.Actors.Spawn<int>(_ =>
            {
                all.Signal();
                Signal.Block(all, "all eight handlers to be in progress");
                left.Signal();
            }).Tell(1);
        }

        await Signal.Within(Task.Run(() => Signal.Block(left)));
    }

    [Test]
    public async Task Actor_ToldInALongTurn_RunsBesideItOnAnIdleDispatcher()
    {
        const int Messages = 20_000;
        await using var system = new TestSystem(new QiActorsOptions
        {
            WorkerThreads = 2,
            TurnBudgetMessages = Messages,
            TurnBudgetTime = TimeSpan.FromSeconds(10),
            BlockedTurnThreshold = TimeSpan.FromSeconds(10),
        });
        using var release = new ManualResetEventSlim();
        var done = Signal.NewSource();
        int heardAfter = 0;
        int handled = 0;
        var next = system.Actors.Spawn<int>(_ => Interlocked.CompareExchange(ref heardAfter, Volatile.Read(ref handled), 0));
        var busy = system.Actors.Spawn<int>(number =>
        {
            if (number == 0)
                Signal.Block(release);
            next.Tell(number);
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMicroseconds(5))
            {
                // It works.
            }

            if (Interlocked.Increment(ref handled) == Messages || Volatile.Read(ref heardAfter) != 0)
                done.TrySetResult();
        });
        for (int i = 0; i < Messages; i++)
            busy.Tell(i);
        release.Set(); // all of them in one turn
        await Signal.Within(done.Task);
        Assert.That(heardAfter, Is.InRange(1, Messages - 1), "the other actor had its turn while this one's went on");
        await Signal.Within(system.Actors.StopAsync(StopMode.Now));
    }

    [Test]
    public async Task Urgent_AmongAFloodOfLow_OvertakesIt()
    {
        var order = await RunFlood(Priority.Low, lows: 500, Priority.Critical);

        Assert.That(order.IndexOf("late"), Is.LessThanOrEqualTo(2), "at most one guarded turn and the one in progress come before");
        Assert.That(order, Has.Count.EqualTo(501));
    }

    [Test]
    public async Task Low_UnderAFloodOfHigh_StillGetsItsTurns()
    {
        var order = await RunFlood(Priority.High, lows: 500, Priority.Low);

        Assert.That(order.IndexOf("late"), Is.LessThan(150), "the guard gives each lane a turn in 96 at least");
    }

    [Test]
    public async Task Lanes_WithOneOfEach_RunMostUrgentFirst()
    {
        using var gate = new ManualResetEventSlim();
        await using var system = TestSystem.WithOneDispatcher();
        var order = new List<Priority>();
        var done = new CountdownEvent(4);
        var actors = Enum.GetValues<Priority>().Order()
            .Select(lane => system.Actors.Spawn<int>(
                _ =>
                {
                    order.Add(lane);
                    done.Signal();
                },
                null,
                new ActorOptions { Priority = lane }))
            .ToArray();
        await Settle(system, actors);
        await BlockDispatcher(system, gate);

        foreach (var actor in actors)
            actor.Tell(1);
        gate.Set();
        await Signal.Within(Task.Run(() => Signal.Block(done)));

        Assert.That(order, Is.EqualTo(new[] { Priority.Critical, Priority.High, Priority.Normal, Priority.Low }));
    }

    [Test]
    public async Task TaskScheduler_UnderAStockBlock_RunsItOnDispatchers()
    {
        await using var system = new TestSystem();
        var threads = new List<string?>();
        var block = new ActionBlock<int>(
            _ => threads.Add(Thread.CurrentThread.Name),
            new ExecutionDataflowBlockOptions { TaskScheduler = system.Actors.TaskScheduler });
        for (int i = 0; i < 100; i++)
            block.Post(i);
        block.Complete();

        await Signal.Within(block.Completion);

        Assert.That(threads, Has.Count.EqualTo(100));
        Assert.That(threads, Is.All.StartsWith("test-dispatcher"));
    }

    [Test]
    public async Task SynchronizationContext_OfTheSystem_PostsAndSendsToDispatchers()
    {
        await using var system = new TestSystem();
        var context = system.Actors.SynchronizationContext;
        var posted = Signal.NewSource<string?>();
        string? sent = null;

        context.Post(_ => posted.SetResult(Thread.CurrentThread.Name), null);
        context.Send(_ => sent = Thread.CurrentThread.Name, null);

        Assert.That(await Signal.Within(posted.Task), Does.StartWith("test-dispatcher"));
        Assert.That(sent, Does.StartWith("test-dispatcher"));
        Assert.That(() => context.Send(_ => throw new FormatException(), null), Throws.InstanceOf<FormatException>());
    }

    [Test]
    public async Task RunBlocking_OfBlockingWork_LeavesTheDispatchersAlone()
    {
        using var gate = new ManualResetEventSlim();
        await using var system = TestSystem.WithOneDispatcher();
        var blocked = Enumerable.Range(0, 20).Select(i => system.Actors.RunBlocking(() =>
        {
            Signal.Block(gate);
            return (i, Thread.CurrentThread.Name);
        })).ToArray();
        var actor = system.Actors.Spawn<Question>(question => question.ReplyTo.Tell(question.Number));

        Assert.That(await Signal.Within(actor.AskAsync<int>(reply => new Question(3, reply))), Is.EqualTo(3));
        gate.Set();

        var results = await Signal.Within(Task.WhenAll(blocked));
        Assert.That(results.Select(result => result.i), Is.EqualTo(Enumerable.Range(0, 20)));
        Assert.That(results.Select(result => result.Name), Is.All.EqualTo("test-blocking"));
        Assert.That(system.Actors.Statistics.HandOffs, Is.Zero);
    }

    [Test]
    public async Task RunBlocking_ThatThrowsOrIsCancelled_TellsTheCaller()
    {
        await using var system = new TestSystem();

        Assert.That(async () => await Signal.Within(system.Actors.RunBlocking(() => throw new FormatException())), Throws.InstanceOf<FormatException>());
        Assert.That(
            async () => await Signal.Within(system.Actors.RunBlocking(() => { }, new CancellationToken(canceled: true))),
            Throws.InstanceOf<OperationCanceledException>());
    }

    // One turn for each message of a flood, which was queued before a single message of another lane.
    private static async Task<List<string>> RunFlood(Priority flood, int lows, Priority late)
    {
        using var gate = new ManualResetEventSlim();
        await using var system = TestSystem.WithOneDispatcher();
        var order = new List<string>();
        var done = new CountdownEvent(lows + 1);
        ActorRef<int> Spawn(string name, Priority lane) => system.Actors.Spawn<int>(
            _ =>
            {
                order.Add(name);
                done.Signal();
            },
            null,
            new ActorOptions { Priority = lane });
        var crowd = Enumerable.Range(0, lows).Select(_ => Spawn("crowd", flood)).ToArray();
        var last = Spawn("late", late);
        await Settle(system, [.. crowd, last]);
        await BlockDispatcher(system, gate);

        foreach (var actor in crowd)
            actor.Tell(1);
        last.Tell(1);
        gate.Set();
        await Signal.Within(Task.Run(() => Signal.Block(done)));
        return order;
    }

    // Their first turns, which run the started hooks, are over, and the dispatcher sleeps.
    private static Task Settle(TestSystem system, ActorRef<int>[] actors)
    {
        Assert.That(actors.Any(actor => actor.IsStopped), Is.False);
        Assert.That(SpinWait.SpinUntil(() => system.Actors.Pool.Idle.ParkedCount == 1 && system.Actors.Pool.QueuedCount == 0, Signal.Bound), Is.True);
        return Task.CompletedTask;
    }

    private static Task BlockDispatcher(TestSystem system, ManualResetEventSlim gate)
    {
        var entered = Signal.NewSource();
        system.Actors.Spawn<int>(
            _ =>
            {
                entered.SetResult();
                Signal.Block(gate);
            },
            null,
            new ActorOptions { Priority = Priority.Critical }).Tell(1);
        return Signal.Within(entered.Task);
    }
}
