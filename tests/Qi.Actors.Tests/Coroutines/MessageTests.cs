using Qi.Actors.Platform;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>A coroutine's mailbox: resumes and messages.</summary>
public sealed class MessageTests
{
    private interface IShape;

    private readonly record struct Square(int Side) : IShape;

    private sealed record Circle(int Radius) : IShape;

    [Test]
    public async Task Resume_BeforeTheSuspension_IsKeptAndSeveralCountAsOne()
    {
        await using var system = new TestSystem();
        int suspensions = 0;

        async Coroutine Body()
        {
            var self = Coroutine.Current;
            self.Resume();
            self.Resume();
            self.Resume();
            await Coroutine.SuspendAsync();
            suspensions++;
            await Coroutine.SuspendAsync();
            suspensions++;
        }

        var handle = system.Actors.Spawn(Body);
        await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);
        Assert.That(suspensions, Is.EqualTo(1));
        handle.Resume();
        await Signal.Within(handle.AsTask());
        Assert.That(suspensions, Is.EqualTo(2));
    }

    [Test]
    [Category("Stress")]
    public async Task Resume_AndCancel_Racing_LoseNeither()
    {
        await using var system = new TestSystem();
        for (int round = 0; round < 3_000; round++)
        {
            async Coroutine<string> Body()
            {
                await Coroutine.SuspendAsync();
                try
                {
                    await Coroutine.SuspendAsync();
                    return "never resumed twice";
                }
                catch (OperationCanceledException)
                {
                    return "cancelled";
                }
            }

            var handle = system.Actors.Spawn(Body);
            var resumer = Task.Run(() => handle.Resume());
            var canceller = Task.Run(() => handle.Cancel());
            await Task.WhenAll(resumer, canceller);
            try
            {
                Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo("cancelled"));
            }
            catch (OperationCanceledException)
            {
                Assert.That(handle.State, Is.EqualTo(CoroutineState.Cancelled), "the cancel came first");
            }
        }
    }

    [Test]
    public async Task Receive_TakesTheOldestOfItsTypeAndLeavesTheOthersInOrder()
    {
        await using var system = new TestSystem();

        async Coroutine<string> Body()
        {
            await Coroutine.SuspendAsync();
            var taken = new List<object>
            {
                await Coroutine.ReceiveAsync<Circle>(),
                await Coroutine.ReceiveAsync<int>(),
                await Coroutine.ReceiveAsync<string>(),
                await Coroutine.ReceiveAsync<int>(),
                await Coroutine.ReceiveAsync<object>(),
                await Coroutine.ReceiveAsync<object>(),
            };
            return string.Join(", ", taken);
        }

        var handle = system.Actors.Spawn(Body);
        handle.Tell("a");
        handle.Tell(1);
        handle.Tell("b");
        handle.Tell(new Circle(3));
        handle.Tell(2);
        handle.Tell(new Square(4));
        handle.Resume();
        Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo("Circle { Radius = 3 }, 1, a, 2, b, Square { Side = 4 }"));
    }

    [Test]
    public async Task Receive_OfAStruct_TakesOneThatWasSentAsAnObject()
    {
        await using var system = new TestSystem();

        async Coroutine<int> Body() => await Coroutine.ReceiveAsync<int>() + (await Coroutine.ReceiveAsync<Square>()).Side;

        var handle = system.Actors.Spawn(Body);
        handle.Tell<object>(40);
        handle.Tell<IShape>(new Square(2));
        Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo(42));
    }

    [Test]
    public async Task Receive_OfAnInterface_TakesClassesAndStructs()
    {
        await using var system = new TestSystem();

        async Coroutine<string> Body() => $"{await Coroutine.ReceiveAsync<IShape>()} {await Coroutine.ReceiveAsync<IShape>()}";

        var handle = system.Actors.Spawn(Body);
        await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);
        handle.Tell("no shape");
        handle.Tell(new Square(1));
        handle.Tell(new Circle(2));
        Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo("Square { Side = 1 } Circle { Radius = 2 }"));
    }

    [Test]
    [Category("Stress")]
    public async Task Receive_FromSeveralSenders_KeepsTheOrderOfEach()
    {
        const int Senders = 4;
        const int Each = 20_000;
        await using var system = new TestSystem();

        async Coroutine<bool> Body()
        {
            int[] last = new int[Senders];
            for (int i = 0; i < Senders * Each; i++)
            {
                var (sender, number) = await Coroutine.ReceiveAsync<(int, int)>();
                if (number != ++last[sender])
                    return false;
            }

            return true;
        }

        var handle = system.Actors.Spawn(Body);
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(() =>
        {
            for (int number = 1; number <= Each; number++)
                Assert.That(handle.Tell((sender, number)), Is.True);
        })).ToArray();
        await Signal.Within(Task.WhenAll(senders));
        Assert.That(await Signal.Within(handle.AsTask()), Is.True);
    }

    [Test]
    public async Task Receive_WithATimeout_ThrowsWhenItIsUpAndCanReceiveAgain()
    {
        var clock = new VirtualTimeProvider();
        await using var system = new TestSystem(timeProvider: clock);

        async Coroutine<(bool, int)> Body()
        {
            bool isTimedOut = false;
            try
            {
                await Coroutine.ReceiveAsync<int>(TimeSpan.FromSeconds(1));
            }
            catch (TimeoutException)
            {
                isTimedOut = true;
            }

            return (isTimedOut, await Coroutine.ReceiveAsync<int>(TimeSpan.FromSeconds(1)));
        }

        var handle = system.Actors.Spawn(Body);
        await LateSignalTests.WaitUntil(() => handle.State == CoroutineState.Waiting);
        handle.Tell("another type does not count");
        clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.That(handle.IsDone, Is.False);
        clock.Advance(TimeSpan.FromMilliseconds(2));
        await LateSignalTests.WaitUntil(() => system.Actors.Statistics.TimersFired == 1 && handle.State == CoroutineState.Waiting);
        handle.Tell(7);
        Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo((true, 7)));
    }

    [Test]
    [Category("Stress")]
    public async Task Receive_MessageAgainstTimeoutAndCancel_LosesNothing()
    {
        const int Messages = 3_000;
        await using var system = new TestSystem();
        int timeouts = 0;
        int cancels = 0;

        async Coroutine<int> Body()
        {
            for (int expected = 1; expected <= Messages;)
            {
                try
                {
                    int got = await Coroutine.ReceiveAsync<int>(TimeSpan.FromTicks(expected % 3));
                    if (got != expected++)
                        return got;
                }
                catch (TimeoutException)
                {
                    Atomic.Add(ref timeouts, 1);
                }
                catch (OperationCanceledException)
                {
                    Atomic.Add(ref cancels, 1);
                }
            }

            return 0;
        }

        var handle = system.Actors.Spawn(Body);
        var random = new Rng(5);
        for (int i = 1; i <= Messages; i++)
        {
            handle.Tell(i);
            if (random.Below(4) == 0)
                handle.Cancel();
            for (uint spins = random.Below(2_000); spins > 0; spins--)
                Atomic.Pause();
        }

        try
        {
            Assert.That(await Signal.Within(handle.AsTask()), Is.Zero, "the one out of order");
        }
        catch (OperationCanceledException)
        {
            Assert.That(cancels, Is.Zero, "only a cancel before the first turn ends it");
        }

        TestContext.Out.WriteLine($"{timeouts} time-outs, {cancels} cancels");
    }

    [Test]
    public async Task Tell_ToAnEndedCoroutine_IsRefusedAndOfNullThrows()
    {
        await using var system = new TestSystem();
        var handle = system.Actors.Spawn(LateSignalTests.Yields);
        Assert.That(() => handle.Tell<string>(null!), Throws.ArgumentNullException);
        await Signal.Within(handle.AsTask());
        Assert.That(handle.Tell(1), Is.False);
        Assert.That(handle.Cancel(), Is.False);
        handle.Resume();
    }
}
