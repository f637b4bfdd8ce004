using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using Qi.Actors.Platform;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>From the cold start to the join.</summary>
public sealed class CoroutineLifeTests
{
    [Test]
    public void Call_OfACoroutineMethod_RunsNothing()
    {
        bool hasRun = false;

        async Coroutine Body() => hasRun = true;

        _ = Body();
        Assert.That(hasRun, Is.False);
    }

    [Test]
    public async Task Spawn_OfAMethodWithAResult_IsJoinedForIt()
    {
        await using var system = new TestSystem();
        var handle = system.Actors.Spawn(Answer());
        Assert.That(await handle, Is.EqualTo(42));
        Assert.That(await handle, Is.EqualTo(42), "a handle can be awaited again");
        Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo(42));
        Assert.That((handle.State, handle.IsDone, handle.Exception), Is.EqualTo((CoroutineState.Completed, true, default(Exception))));
    }

    [Test]
    public async Task Spawn_OfAMethodThatThrows_IsJoinedForTheExceptionWithItsOriginalStackTrace()
    {
        await using var system = new TestSystem();
        var handle = system.Actors.Spawn(ThrowsAfterYield());
        var thrown = await Assert.CatchAsync<InvalidOperationException>(async () => await handle.AsTask());
        Assert.That(thrown!.Message, Is.EqualTo("deep"));
        Assert.That(thrown.StackTrace, Does.Contain(nameof(ThrowHelper)));
        Assert.That(handle.Exception, Is.SameAs(thrown));
        Assert.That(handle.State, Is.EqualTo(CoroutineState.Failed));
        Assert.That(async () => await handle, Throws.Exception.SameAs(thrown), "at each join");
    }

    [Test]
    public async Task Spawn_OfAMethodThatThrowsACancellation_EndsAsCancelled()
    {
        await using var system = new TestSystem();

        async Coroutine Body() => throw new OperationCanceledException("mine");

        var handle = system.Actors.Spawn(Body);
        var task = handle.AsTask();
        Assert.That(async () => await Signal.Within(task), Throws.InstanceOf<OperationCanceledException>().With.Message.EqualTo("mine"));
        Assert.That(task.IsCanceled, Is.True);
        Assert.That(handle.State, Is.EqualTo(CoroutineState.Cancelled));
    }

    [Test]
    public async Task State_GoesThroughItsLife()
    {
        await using var system = TestSystem.WithOneDispatcher();
        using var release = new ManualResetEventSlim();
        using var isRunning = new ManualResetEventSlim();
        CoroutineState inside = default;
        var source = Signal.NewSource();

        async Coroutine Body()
        {
            inside = Coroutine.Current.State;
            isRunning.Set();
            Signal.Block(release);
            await source.Task;
        }

        using var blockerRelease = new ManualResetEventSlim();
        using var isBlocking = new ManualResetEventSlim();
        var blocker = system.Actors.Spawn(async () =>
        {
            isBlocking.Set();
            Signal.Block(blockerRelease);
        });
        Signal.Block(isBlocking);
        var handle = system.Actors.Spawn(Body);
        Assert.That(handle.State, Is.EqualTo(CoroutineState.Pending), "before its first turn");
        blockerRelease.Set();
        Signal.Block(isRunning);
        Assert.That((inside, handle.State), Is.EqualTo((CoroutineState.Running, CoroutineState.Running)));
        release.Set();
        await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);
        source.SetResult();
        await Signal.Within(handle.AsTask());
        Assert.That(handle.State, Is.EqualTo(CoroutineState.Completed));
        await Signal.Within(blocker.AsTask());
    }

    [Test]
    public async Task Coroutine_UsedTwice_ThrowsInvalidOperation()
    {
        await using var system = new TestSystem();
        var coroutine = Answer();
        await system.Actors.Spawn(coroutine);
        Assert.That(() => system.Actors.Spawn(coroutine), Throws.InvalidOperationException);

        async Coroutine<int> AwaitsTwice()
        {
            var child = Answer();
            return await child + await child;
        }

        async Coroutine<int> AwaitsWhatWasSpawned()
        {
            var child = Answer();
            await Coroutine.Spawn(child);
            return await child;
        }

        async Coroutine AwaitsTwiceWithoutResult()
        {
            var child = LateSignalTests.Yields();
            await child;
            await child;
        }

        Assert.That(async () => await system.Actors.Spawn(AwaitsTwice), Throws.InvalidOperationException);
        Assert.That(async () => await system.Actors.Spawn(AwaitsWhatWasSpawned), Throws.InvalidOperationException);
        Assert.That(async () => await system.Actors.Spawn(AwaitsTwiceWithoutResult), Throws.InvalidOperationException);
    }

    [Test]
    [SuppressMessage("Assertion", "NUnit2010:Use Is.EqualTo constraint instead of direct comparison", Justification = "The operators are under test.")]
    public async Task Defaults_ThrowInvalidOperationAndEqualEachOther()
    {
        await using var system = new TestSystem();
        Assert.Multiple(() =>
        {
            Assert.That(() => system.Actors.Spawn(default(Coroutine)), Throws.InvalidOperationException.With.Message.Contains("default"));
            Assert.That(() => system.Actors.Spawn(default(Coroutine<int>)), Throws.InvalidOperationException);
            Assert.That(() => default(Coroutine).GetAwaiter(), Throws.InvalidOperationException);
            Assert.That(() => default(JoinHandle).State, Throws.InvalidOperationException);
            Assert.That(() => default(JoinHandle<int>).Cancel(), Throws.InvalidOperationException);
            Assert.That(() => default(JoinHandle).GetAwaiter(), Throws.InvalidOperationException);
            Assert.That(() => default(CoroutineRef).Resume(), Throws.InvalidOperationException);
            Assert.That(() => default(CoroutineRef).Tell(1), Throws.InvalidOperationException);
            Assert.That(default(Coroutine) == default, Is.True);
            Assert.That(default(JoinHandle) != default, Is.False);
            Assert.That(default(CoroutineRef).GetHashCode(), Is.Zero);
        });
    }

    [Test]
    public async Task Handles_OfTheSameCoroutine_AreEqual()
    {
        await using var system = new TestSystem();
        var first = system.Actors.Spawn(Answer());
        var second = system.Actors.Spawn(Answer());
        JoinHandle plain = first;
        Assert.That(plain, Is.EqualTo(first.WithoutResult()));
        Assert.That(first.Equals((object)second), Is.False);
        Assert.That(first.Ref, Is.EqualTo(plain.Ref));
        Assert.That(first.Ref.GetHashCode(), Is.EqualTo(plain.Ref.GetHashCode()));
        Assert.That(first.Ref.Priority, Is.EqualTo(Priority.Normal));
    }

    [Test]
    public async Task Join_OfItself_Throws()
    {
        await using var system = new TestSystem();
        var handed = Signal.NewSource<JoinHandle>();

        async Coroutine Body()
        {
            var self = await handed.Task;
            await self;
        }

        var handle = system.Actors.Spawn(Body);
        handed.SetResult(handle);
        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InvalidOperationException.With.Message.Contains("own JoinHandle"));
    }

    [Test]
    public async Task Join_ByManyCoroutinesAndTasks_TellsThemAll()
    {
        await using var system = new TestSystem();
        var source = Signal.NewSource<int>();

        async Coroutine<int> Target() => await source.Task;

        async Coroutine<int> Joiner(JoinHandle<int> target) => await target;

        var target = system.Actors.Spawn(Target);
        var joiners = Enumerable.Range(0, 500).Select(_ => system.Actors.Spawn(Joiner(target)).AsTask()).ToArray();
        var tasks = Enumerable.Range(0, 500).Select(_ => target.AsTask()).ToArray();
        source.SetResult(7);
        int[] results = await Signal.Within(Task.WhenAll([.. joiners, .. tasks]));
        Assert.That(results, Is.All.EqualTo(7));
        Assert.That(await Signal.Within(system.Actors.Spawn(Joiner(target)).AsTask()), Is.EqualTo(7), "after the end");
    }

    [Test]
    public async Task Await_OfACoroutineInAnAsyncActor_RunsItBesideTheHandler()
    {
        await using var system = new TestSystem();
        var result = Signal.NewSource<int>();
        var actor = system.Actors.Spawn<int>(async value =>
        {
            await LateSignalTests.Yields();
            int sum = value + await Answer();
            await Coroutine.YieldAsync();
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(1));
            result.SetResult(sum);
        });
        actor.Tell(8);
        Assert.That(await Signal.Within(result.Task), Is.EqualTo(50));
    }

    [Test]
    public void Operations_OutsideOfACoroutine_Throw()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Coroutine.IsInside, Is.False);
            Assert.That(() => Coroutine.Current, Throws.InvalidOperationException);
            Assert.That(() => Coroutine.CancellationToken, Throws.InvalidOperationException);
            Assert.That(() => Coroutine.SuspendAsync(), Throws.InvalidOperationException);
            Assert.That(() => Coroutine.ReceiveAsync<int>(), Throws.InvalidOperationException);
            Assert.That(() => Coroutine.ReceiveAsync<int>(TimeSpan.FromSeconds(1)), Throws.InvalidOperationException);
            Assert.That(() => Coroutine.ThrowIfCancelled(), Throws.InvalidOperationException);
            Assert.That(() => Coroutine.DelayAsync(TimeSpan.FromTicks(-1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public async Task Handle_OfTheLastOfAChainOfJoins_KeepsNoneOfTheOthersAlive()
    {
        await using var system = TestSystem.WithOneDispatcher();
        var (first, last) = await Chain(system.Actors);
        long deadlineNs = Clock.NowNs() + Clock.TimeSpanToNs(Signal.Bound);
        while (first.IsAlive && Clock.NowNs() < deadlineNs)
        {
            GC.Collect(); // again, for a thread that ends its part of the chain may have lost its core
            GC.WaitForPendingFinalizers();
            await Signal.Within(system.Actors.Spawn(LateSignalTests.Yields).AsTask()); // the dispatchers forget it, too
        }

        Assert.That(first.IsAlive, Is.False);
        Assert.That(last.IsDone, Is.True);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<(WeakReference First, JoinHandle Last)> Chain(ActorSystem system)
    {
        async Coroutine Joins(JoinHandle before) => await before;

        var first = system.Spawn(LateSignalTests.Yields);
        var last = first;
        for (int i = 0; i < 20; i++)
            last = system.Spawn(Joins(last));
        await Signal.Within(last.AsTask());
        return (new WeakReference(first.Box), last);
    }

    internal static async Coroutine<int> Answer() => 42;

    private static async Coroutine ThrowsAfterYield()
    {
        await Coroutine.YieldAsync();
        ThrowHelper();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowHelper() => throw new InvalidOperationException("deep");
}
