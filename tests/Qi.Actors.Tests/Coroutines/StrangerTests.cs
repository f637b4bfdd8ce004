using System.Runtime.CompilerServices;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>Coroutines next to code that is none: plain async methods called in a turn, awaiters that misbehave.</summary>
public sealed class StrangerTests
{
    [Test]
    public async Task Await_OfACoroutineInAPlainAsyncMethodCalledByACoroutine_RunsIt()
    {
        await using var system = new TestSystem();

        async Coroutine<int> Child(int value)
        {
            await Coroutine.YieldAsync();
            return value;
        }

        async Task<int> Plain(int value) => await Child(value) + await Child(value);

        async Coroutine<int> Body()
        {
            int sum = await Plain(1);
            await Coroutine.YieldAsync();
            return sum + await Plain(20);
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.EqualTo(42));
    }

    [Test]
    public async Task Await_OfACoroutineInAPlainAsyncMethodNobodyAwaits_DoesNotDisturbTheCaller()
    {
        await using var system = new TestSystem();
        var plainIsOver = Signal.NewSource();

        async Coroutine Child() => await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(1));

        async Task Plain()
        {
            await Child();
            plainIsOver.SetResult();
        }

        async Coroutine<int> Body()
        {
            _ = Plain();
            return 42;
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.EqualTo(42));
        await Signal.Within(plainIsOver.Task);
    }

    [Test]
    public void Await_WhereNoSystemRuns_ThrowsInTheAwait()
    {
        async Coroutine<int> Child() => 1;

        async Task<int> Plain() => await Child();

        Assert.That(async () => await Signal.Within(Plain()), Throws.InvalidOperationException.With.Message.Contains("Spawn it"));
    }

    [Test]
    public async Task GetResult_OfACoroutineThatHasNotRun_Throws()
    {
        await using var system = new TestSystem();

        async Coroutine<int> Child() => 1;

        async Coroutine<int> Body() => Child().GetAwaiter().GetResult();

        Assert.That(async () => await Signal.Within(system.Actors.Spawn(Body).AsTask()), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Await_OfAnAwaiterWhoseOnCompletedThrows_ThrowsThereAndTheCoroutineGoesOn([Values] bool isChild)
    {
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 });

        async Coroutine Throwing() => await new ThrowsOnCompleted();

        async Coroutine<string> Body()
        {
            string message;
            var context = SynchronizationContext.Current;
            try
            {
                if (isChild)
                    await Throwing();
                else
                    await new ThrowsOnCompleted();
                return "it did not throw";
            }
            catch (InvalidOperationException e)
            {
                message = e.Message;
            }

            Assert.That(SynchronizationContext.Current, Is.SameAs(context));
            return message;
        }

        for (int i = 0; i < 100; i++)
            Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.EqualTo("no thanks"));
    }

    [Test]
    public async Task Cancel_OfATaskWait_LeavesAwaitersInTheMethodsOwnVariablesAlone()
    {
        await using var system = new TestSystem();
        var mine = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isWaiting = Signal.NewSource();

        async Coroutine<int> Body()
        {
            var awaiter = mine.Task.GetAwaiter();
            var other = new TaskCompletionSource<int>();
            try
            {
                isWaiting.SetResult();
                await other.Task;
            }
            catch (OperationCanceledException)
            {
                mine.SetResult(42);
                await Coroutine.YieldAsync();
            }

            return awaiter.GetResult();
        }

        var handle = system.Actors.Spawn(Body);
        await Signal.Within(isWaiting.Task);
        handle.Cancel();
        Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo(42));
    }

    private readonly struct ThrowsOnCompleted : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public ThrowsOnCompleted GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => throw new InvalidOperationException("no thanks");

        public void UnsafeOnCompleted(Action continuation) => throw new InvalidOperationException("no thanks");
    }
}
