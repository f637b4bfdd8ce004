using System.Diagnostics;

using Qi.Actors.Scheduling;
using Qi.Actors.Tests.Coroutines;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Scheduling;

/// <summary>Pools come and go; threads for blocking work; posted callbacks and tasks.</summary>
public sealed class PoolLifeTests
{
    [Test]
    [NonParallelizable]
    public async Task Systems_MadeAndDisposedInALoop_LeaveNoThreads()
    {
        const int Systems = 40;
        await UseASystem();
        int before = ThreadCount();
        for (int i = 0; i < Systems; i++)
            await UseASystem();
        await LateSignalTests.WaitUntil(() => ThreadCount() < before + (Systems / 2));
    }

    [Test]
    public void Stop_WithBusyBlockedAndParkedDispatchers_EndsWhenTheTurnsDo()
    {
        var pool = new DispatcherPool(TestPool.Settings(3) with { BlockedTurnNs = 1_000_000_000 });
        pool.Start();
        using var isBlocking = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        pool.Schedule(new CallItem(_ =>
        {
            isBlocking.Set();
            Signal.Block(release);
        }));
        pool.Schedule(new CallItem(item => pool.ScheduleLast(item, ThreadContext.Instance))); // for ever
        Signal.Block(isBlocking);
        Assert.That(pool.Stop(TimeSpan.FromMilliseconds(20)), Is.False, "one turn still runs");
        release.Set();
        Assert.That(pool.Stop(Signal.Bound), Is.True);
        pool.Dispose();
        Assert.That(pool.ThreadCount, Is.Zero);
    }

    [Test]
    public void Dispatcher_TakenFromItsThreadWhileThePoolStops_HasEnded()
    {
        using var pool = new TestPool(TestPool.Settings(1) with { BlockedTurnNs = 60_000_000_000 });
        using var isBlocking = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        ThreadContext? thread = null;
        pool.Pool.Schedule(new CallItem(_ =>
        {
            thread = ThreadContext.Instance;
            isBlocking.Set();
            Signal.Block(release);
        }));
        Signal.Block(isBlocking);
        var dispatcher = pool.Pool.Dispatchers[0];
        Assert.That(pool.Pool.Stop(TimeSpan.Zero), Is.False, "the turn still runs");
        Assert.That(thread!.TryRevoke(dispatcher), Is.True);
        new DispatcherThreads(pool.Pool).Assign(dispatcher);
        Assert.That(dispatcher.HasEnded, Is.True, "or nobody would fire the timers that it holds");
        release.Set();
    }

    [Test]
    public async Task Post_RunsCallbacksOnTheDispatchersAndLogsTheirExceptions()
    {
        await using var system = new TestSystem();
        system.ExpectErrors(1);
        var seen = Signal.NewSource<SynchronizationContext?>();
        var context = system.Actors.SynchronizationContext;
        context.Post(_ => throw new FormatException("posted"), null);
        context.Post(_ => seen.SetResult(SynchronizationContext.Current), null);
        Assert.That(await Signal.Within(seen.Task), Is.SameAs(context));
        await LateSignalTests.WaitUntil(() => system.Log.Entries.Any(entry => entry.Exception is FormatException));
    }

    [Test]
    public async Task Send_RunsTheCallbackBeforeItReturnsAndThrowsItsException()
    {
        await using var system = new TestSystem();
        var context = system.Actors.SynchronizationContext;
        await Signal.Within(Task.Run(() =>
        {
            bool hasRun = false;
            context.Send(_ => hasRun = true, null);
            Assert.That(hasRun, Is.True);
            Assert.That(() => context.Send(_ => throw new FormatException("sent"), null), Throws.TypeOf<FormatException>());
        }));
        Assert.That(context.CreateCopy(), Is.SameAs(context));
    }

    [Test]
    public async Task TaskScheduler_RunsTasksOnTheDispatchers([Values] bool isLong)
    {
        await using var system = new TestSystem();
        var options = isLong ? TaskCreationOptions.LongRunning : TaskCreationOptions.None;
        var scheduler = system.Actors.TaskScheduler;
        Assert.That(scheduler.MaximumConcurrencyLevel, Is.EqualTo(2));
        string? name = await Signal.Within(Task.Factory.StartNew(
            () => TaskScheduler.Current == scheduler ? Thread.CurrentThread.Name : null, CancellationToken.None, options, scheduler));
        Assert.That(name, Does.StartWith(isLong ? "qi-long-running" : "test-dispatcher"));
        var failing = Task.Factory.StartNew(() => throw new FormatException(), CancellationToken.None, options, scheduler);
        Assert.That(async () => await Signal.Within(failing), Throws.TypeOf<FormatException>());
    }

    [Test]
    public async Task TaskSchedulerAndContext_OfAStoppedSystem_StillRunWhatTheyAreGiven()
    {
        var system = new ActorSystem(new QiActorsOptions { WorkerThreads = 1 });
        await system.DisposeAsync();
        int result = await Signal.Within(Task.Factory.StartNew(() => 42, CancellationToken.None, TaskCreationOptions.None, system.TaskScheduler));
        Assert.That(result, Is.EqualTo(42));
        var posted = Signal.NewSource();
        system.SynchronizationContext.Post(_ => posted.SetResult(), null);
        await Signal.Within(posted.Task);
    }

    [Test]
    public async Task PlainAsyncCode_ThatIsQueuedWhenTheSystemStops_GoesOn()
    {
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1, BlockedTurnThreshold = TimeSpan.FromSeconds(10) });
        using var isBlocking = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        system.Actors.SynchronizationContext.Post(
            _ =>
            {
                isBlocking.Set();
                Signal.Block(release);
            },
            null);
        Signal.Block(isBlocking);
        var queued = Task.Factory.StartNew(() => 42, CancellationToken.None, TaskCreationOptions.None, system.Actors.TaskScheduler);
        await Signal.Within(system.Actors.StopAsync(StopMode.Now, TimeSpan.FromMilliseconds(10)));
        release.Set();
        Assert.That(await Signal.Within(queued), Is.EqualTo(42));
    }

    [Test]
    public async Task BlockingPool_GrowsWhileAllBlockReusesAndStopsGrowingAtItsLimit()
    {
        const int Limit = 4;
        var subject = new BlockingPool("test", Limit);
        using var release = new ManualResetEventSlim();
        using var entered = new SemaphoreSlim(0);
        for (int i = 0; i < Limit * 2; i++)
        {
            Assert.That(
                subject.TryRun(() =>
                {
                    entered.Release();
                    Signal.Block(release);
                }),
                Is.True);
        }

        for (int i = 0; i < Limit; i++)
            await Signal.Within(entered);
        Assert.That((subject.ThreadCount, entered.CurrentCount), Is.EqualTo((Limit, 0)));
        release.Set();
        for (int i = 0; i < Limit; i++)
            await Signal.Within(entered);
        for (int i = 0; i < 100; i++)
        {
            subject.TryRun(() => entered.Release());
            await Signal.Within(entered);
        }

        Assert.That(subject.ThreadCount, Is.LessThanOrEqualTo(Limit));
        subject.Dispose();
        Assert.That(subject.TryRun(() => { }), Is.False);
        await LateSignalTests.WaitUntil(() => subject.ThreadCount == 0);
    }

    [Test]
    public async Task BlockingPool_ThatIsClosed_StillRunsWhatItTook()
    {
        const int Count = 20;
        var subject = new BlockingPool("test", 1);
        using var release = new ManualResetEventSlim();
        using var all = new CountdownEvent(Count);
        for (int i = 0; i < Count; i++)
        {
            subject.TryRun(() =>
            {
                Signal.Block(release);
                all.Signal();
            });
        }

        subject.Dispose();
        release.Set();
        await Task.Run(() => Signal.Block(all));
        await LateSignalTests.WaitUntil(() => subject.ThreadCount == 0);
    }

    private static async Task UseASystem()
    {
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 2 });
        await Signal.Within(system.Actors.Spawn(LateSignalTests.Yields).AsTask());
        await Signal.Within(system.Actors.RunBlocking(() => { }));
    }

    private static int ThreadCount()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}
