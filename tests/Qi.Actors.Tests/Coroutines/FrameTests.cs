using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>Coroutines that are awaited by coroutines: frames of one root.</summary>
public sealed class FrameTests
{
    [Test]
    public async Task Await_OfChildrenThatEndAtOnce_TakesOneTurn()
    {
        await using var system = TestSystem.WithOneDispatcher();

        async Coroutine<long> Body()
        {
            long before = system.Actors.Statistics.Turns;
            for (int i = 0; i < 100; i++)
                await CoroutineLifeTests.Answer(); // fewer than the budget of one turn
            return system.Actors.Statistics.Turns - before;
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.Zero);
    }

    [Test]
    public async Task Await_OfMoreChildrenThanTheBudget_LetsOthersRun()
    {
        await using var system = TestSystem.WithOneDispatcher();
        bool isOver = false;

        async Coroutine Other() => isOver = true;

        async Coroutine<bool> Body()
        {
            _ = Coroutine.Spawn(Other());
            for (int i = 0; i < 10_000 && !isOver; i++)
                await CoroutineLifeTests.Answer();
            return isOver;
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.True);
    }

    [Test]
    public async Task Frames_ShareTheIdentityOfTheirRoot()
    {
        await using var system = new TestSystem();

        async Coroutine<CoroutineRef> Inner()
        {
            await Coroutine.YieldAsync();
            return Coroutine.Current;
        }

        async Coroutine<CoroutineRef> Middle() => await Inner();

        async Coroutine<bool> Body() => Coroutine.Current == await Middle() && Coroutine.Current == await Inner();

        Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.True);
    }

    [Test]
    public async Task Recursion_TwoHundredThousandDeep_DoesNotOverflow([Values] bool suspendsAtTheBottom)
    {
        const int Depth = 200_000;
        await using var system = new TestSystem();

        async Coroutine<int> Nested(int depth)
        {
            if (depth > 0)
                return 1 + await Nested(depth - 1);
            if (suspendsAtTheBottom)
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(1));
            return 0;
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(Nested(Depth)).AsTask()), Is.EqualTo(Depth));
    }

    [Test]
    public async Task Recursion_ThatThrowsAtTheBottom_ThrowsAtTheTop()
    {
        await using var system = new TestSystem();
        int finallys = 0;

        async Coroutine Nested(int depth)
        {
            try
            {
                if (depth > 0)
                    await Nested(depth - 1);
                await Coroutine.YieldAsync();
                throw new InvalidOperationException("bottom");
            }
            finally
            {
                finallys++;
            }
        }

        Assert.That(async () => await Signal.Within(system.Actors.Spawn(Nested(500)).AsTask()), Throws.InvalidOperationException);
        Assert.That(finallys, Is.EqualTo(501));
    }

    [Test]
    public async Task Chain_OfAMillionSynchronousCompletions_DoesNotOverflow()
    {
        await using var system = new TestSystem();
        var done = Task.FromResult(1);

        async Coroutine<int> Child() => await done;

        async Coroutine<int> Body()
        {
            int sum = 0;
            for (int i = 0; i < 1_000_000; i++)
                sum += await Child();
            return sum;
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.EqualTo(1_000_000));
    }

    [Test]
    public async Task Chain_OfJoinsOfTenThousandCoroutines_DoesNotOverflow()
    {
        await using var system = new TestSystem();
        var source = Signal.NewSource();

        async Coroutine First() => await source.Task;

        async Coroutine Next(JoinHandle before) => await before;

        var last = system.Actors.Spawn(First);
        for (int i = 0; i < 10_000; i++)
            last = system.Actors.Spawn(Next(last));
        source.SetResult();
        await Signal.Within(last.AsTask());
    }

    [Test]
    public async Task Exception_AfterAnAwaitInAChild_CanBeCaughtByTheCaller()
    {
        await using var system = new TestSystem();

        async Coroutine<int> Child(bool suspends)
        {
            if (suspends)
                await Coroutine.YieldAsync();
            throw new FormatException("child");
        }

        async Coroutine<int> Body()
        {
            int caught = 0;
            foreach (bool suspends in new[] { false, true, false, true })
            {
                try
                {
                    await Child(suspends);
                }
                catch (FormatException e) when (e.StackTrace!.Contains(nameof(Child), StringComparison.Ordinal))
                {
                    caught++;
                    await Coroutine.YieldAsync();
                }
            }

            return caught;
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(Body).AsTask()), Is.EqualTo(4));
    }

    [Test]
    [Category("Stress")]
    public async Task Frames_OfManyRootsThatMoveBetweenDispatchers_KeepTheirValues()
    {
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 4, QueueCapacity = 4, StackPoolSize = 3 });

        async Coroutine<long> Fib(int n)
        {
            if (n < 2)
                return n;
            if ((n & 3) == 0)
                await Coroutine.YieldAsync();
            return await Fib(n - 1) + await Fib(n - 2);
        }

        long[] results = await Signal.Within(Task.WhenAll(Enumerable.Range(0, 50).Select(_ => system.Actors.Spawn(Fib(14)).AsTask())));
        Assert.That(results, Is.All.EqualTo(377));
    }
}
