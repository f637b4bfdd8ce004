using System.Runtime.CompilerServices;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>The end of a system in which coroutines do not end by themselves.</summary>
public sealed class StopTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(50);

    [Test]
    public async Task Stop_CancelsWaitingCoroutines()
    {
        await using var system = new TestSystem();
        var handle = system.Actors.Spawn(LateSignalTests.Suspends);
        var report = await Signal.Within(system.Actors.StopAsync(StopMode.Now, Signal.Bound));
        Assert.That(report.IsComplete, Is.True);
        Assert.That(handle.State, Is.EqualTo(CoroutineState.Cancelled));
    }

    [Test]
    public async Task Stop_LetsCleanupAwait()
    {
        await using var system = new TestSystem();
        var isWaiting = Signal.NewSource();
        bool isClean = false;

        async Coroutine Body()
        {
            try
            {
                isWaiting.SetResult();
                await Coroutine.SuspendAsync();
            }
            finally
            {
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(5));
                await Coroutine.YieldAsync();
                isClean = true;
            }
        }

        _ = system.Actors.Spawn(Body);
        await Signal.Within(isWaiting.Task);
        var report = await Signal.Within(system.Actors.StopAsync(StopMode.Now, Signal.Bound));
        Assert.That(report.IsComplete, Is.True);
        Assert.That(isClean, Is.True);
    }

    [Test]
    public async Task Stop_OfACoroutineThatCannotBeCancelled_AbandonsItForItsJoiners()
    {
        await using var system = new TestSystem();
        var isWaiting = Signal.NewSource();

        async Coroutine Body()
        {
            isWaiting.SetResult();
            await new Never();
        }

        async Coroutine<bool> Joins(JoinHandle handle)
        {
            try
            {
                await handle;
                return false;
            }
            catch (OperationCanceledException)
            {
                return true;
            }
        }

        var handle = system.Actors.Spawn(Body);
        await Signal.Within(isWaiting.Task);
        await using var other = new TestSystem();
        var joiner = other.Actors.Spawn(Joins(handle));
        var task = handle.AsTask();
        var report = await Signal.Within(system.Actors.StopAsync(StopMode.Now, s_short));
        Assert.That((report.IsComplete, report.CoroutinesLeft), Is.EqualTo((false, 1L)));
        Assert.That(async () => await Signal.Within(task, "the joining task"), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await Signal.Within(joiner.AsTask(), "the joining coroutine"), Is.True);
        Assert.That(handle.State, Is.EqualTo(CoroutineState.Cancelled));
    }

    [Test]
    public async Task Stop_OfACoroutineThatIgnoresCancelsAndYieldsForEver_EndsItsThread()
    {
        await using var system = new TestSystem();
        var isRunning = Signal.NewSource();

        async Coroutine Body()
        {
            isRunning.SetResult();
            while (true)
            {
                try
                {
                    await Coroutine.YieldAsync();
                }
                catch (OperationCanceledException)
                {
                    // It does as it likes.
                }
            }
        }

        var handle = system.Actors.Spawn(Body);
        await Signal.Within(isRunning.Task);
        await Signal.Within(system.Actors.StopAsync(StopMode.Now, s_short));
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(system.Actors.Pool.Stop(Signal.Bound), Is.True, "the dispatchers' threads have ended");
    }

    [Test]
    public async Task Stop_WhileATurnIsStuck_AbandonsTheOthersAtOnceAndTheStuckOneWhenItsTurnEnds()
    {
        await using var system = new TestSystem();
        using var release = new ManualResetEventSlim();
        var isStuck = Signal.NewSource();
        var isWaiting = Signal.NewSource();

        async Coroutine Stuck()
        {
            isStuck.SetResult();
            Signal.Block(release);
            await new Never();
        }

        async Coroutine Waits()
        {
            isWaiting.SetResult();
            await new Never();
        }

        var stuck = system.Actors.Spawn(Stuck);
        var waiting = system.Actors.Spawn(Waits);
        await Signal.Within(Task.WhenAll(isStuck.Task, isWaiting.Task));
        await LateSignalTests.WaitUntil(() => waiting.State == CoroutineState.Waiting);
        var report = await Signal.Within(system.Actors.StopAsync(StopMode.Now, s_short));
        Assert.That(report.CoroutinesLeft, Is.EqualTo(2));
        Assert.That(async () => await Signal.Within(waiting.AsTask(), "the waiting one"), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(stuck.IsDone, Is.False);
        release.Set();
        Assert.That(async () => await Signal.Within(stuck.AsTask(), "the stuck one"), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task StopNow_OfCoroutinesThatWaitForTheirFirstTurn_NeverRunsThem()
    {
        await using var system = TestSystem.WithOneDispatcher();
        using var release = new ManualResetEventSlim();
        var isStuck = Signal.NewSource();
        int ran = 0;

        async Coroutine Body()
        {
            ran++;
            await Coroutine.YieldAsync();
        }

        var handles = new List<JoinHandle>();

        async Coroutine Spawner()
        {
            for (int i = 0; i < 1_000; i++) // more than the fresh stack and the ring hold
                handles.Add(Coroutine.Spawn(Body()));
            isStuck.SetResult();
            Signal.Block(release);
            await Coroutine.YieldAsync();
        }

        _ = system.Actors.Spawn(Spawner);
        await Signal.Within(isStuck.Task);
        var stop = system.Actors.StopAsync(StopMode.Now, Signal.Bound);
        await LateSignalTests.WaitUntil(() => system.Actors.Coroutines.IsCancelling);
        release.Set();
        var report = await Signal.Within(stop);
        Assert.That((report.IsComplete, ran), Is.EqualTo((true, 0)));
        Assert.That(handles.Count(handle => handle.State == CoroutineState.Cancelled), Is.EqualTo(1_000));
    }

    [Test]
    public async Task StopNow_OfACoroutineInItsFirstTurn_CancelsItsFirstWait()
    {
        await using var system = new TestSystem();
        using var release = new ManualResetEventSlim();
        var isStuck = Signal.NewSource();

        async Coroutine Body()
        {
            isStuck.SetResult();
            Signal.Block(release);
            await Coroutine.SuspendAsync();
        }

        var handle = system.Actors.Spawn(Body);
        await Signal.Within(isStuck.Task);
        var stop = system.Actors.StopAsync(StopMode.Now, Signal.Bound);
        await LateSignalTests.WaitUntil(() => system.Actors.Coroutines.IsCancelling);
        release.Set();
        Assert.That((await Signal.Within(stop)).IsComplete, Is.True);
        Assert.That(handle.State, Is.EqualTo(CoroutineState.Cancelled));
    }

    [Test]
    public async Task StopNow_WhileATurnIsStuck_CountsWhatWaitsForItsFirstTurn()
    {
        await using var system = TestSystem.WithOneDispatcher();
        using var release = new ManualResetEventSlim();
        var isStuck = Signal.NewSource();
        var handles = new List<JoinHandle>();

        async Coroutine Spawner()
        {
            for (int i = 0; i < 1_000; i++)
                handles.Add(Coroutine.Spawn(LateSignalTests.Yields()));
            isStuck.SetResult();
            Signal.Block(release);
            await Coroutine.YieldAsync();
        }

        handles.Add(system.Actors.Spawn(Spawner));
        await Signal.Within(isStuck.Task);
        var report = await Signal.Within(system.Actors.StopAsync(StopMode.Now, s_short));
        Assert.That((report.IsComplete, report.CoroutinesLeft), Is.EqualTo((false, 1_001L)));
        release.Set();
        foreach (var handle in handles)
            Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Spawn_OnAStoppedSystem_Throws()
    {
        var system = new ActorSystem(new QiActorsOptions { WorkerThreads = 1 });
        await system.DisposeAsync();
        Assert.That(() => system.Spawn(LateSignalTests.Yields), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    [Category("Stress")]
    public async Task Spawn_WhileTheSystemStops_EndsOrThrows()
    {
        for (int round = 0; round < 30; round++)
        {
            var system = new ActorSystem(new QiActorsOptions { WorkerThreads = 2 });
            var handles = new List<JoinHandle>();
            var isSpawning = Signal.NewSource();
            var spawner = Task.Run(() =>
            {
                try
                {
                    while (handles.Count < 5_000)
                    {
                        handles.Add(system.Spawn(LateSignalTests.Suspends));
                        isSpawning.TrySetResult();
                    }
                }
                catch (ObjectDisposedException)
                {
                    // The system has begun to stop.
                }
            });
            await Signal.Within(isSpawning.Task);
            var report = await Signal.Within(system.StopAsync(StopMode.Now, Signal.Bound));
            await Signal.Within(spawner);
            Assert.That(report.IsComplete, Is.True, $"round {round}: {report}");
            Assert.That(handles.Count(handle => handle.State != CoroutineState.Cancelled), Is.Zero);
        }
    }

    /// <summary>Awaited, it never completes, and no cancel can end the wait.</summary>
    internal readonly struct Never : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public Never GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation)
        {
        }

        public void UnsafeOnCompleted(Action continuation)
        {
        }
    }
}
