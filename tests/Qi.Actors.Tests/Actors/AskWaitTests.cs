using System.Diagnostics;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

/// <summary>Asks that are awaited by coroutines: the reply, the cancel and the deadline meet at the coroutine's wait.</summary>
internal sealed class AskWaitTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    [Test]
    public async Task Cancel_OfACoroutineThatAsks_ThrowsAndMakesTheReplyADeadLetter()
    {
        await using var system = new TestSystem();
        var asked = Signal.NewSource<ReplyTo<int>>();
        var silent = system.Actors.Spawn<Question>(question => asked.SetResult(question.ReplyTo));
        var echo = system.Actors.Spawn<Question>(question => question.ReplyTo.Tell(question.Number));
        var asker = system.Actors.Spawn(async Coroutine<int> () =>
        {
            Assert.That(await Catch(silent.AskAsync<int>(reply => new Question(1, reply), s_long)), Is.InstanceOf<OperationCanceledException>());
            return await echo.AskAsync<int>(reply => new Question(2, reply)); // takes the same slot
        });
        var late = await Signal.Within(asked.Task);

        asker.Cancel();

        Assert.That(await Signal.Within(asker.AsTask()), Is.EqualTo(2));
        Assert.That(late.Tell(7), Is.False);
        Assert.That(system.LettersOf(), Is.EqualTo(new[] { new DeadLetter(default, 7, DeadLetterReason.LateReply) }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Ask_WithAWayOutOfTheContext_ComesBackToItsCoroutine(bool isConfigured)
    {
        await using var system = new TestSystem();
        var echo = system.Actors.Spawn<Question>(question => question.ReplyTo.Tell(question.Number));
        var asker = system.Actors.Spawn(async Coroutine<int> () =>
        {
            int sum = 0;
            for (int i = 0; i < 100; i++)
            {
                var answer = echo.AskAsync<int>(reply => new Question(1, reply));
                sum += isConfigured ? await answer.ConfigureAwait(false) : await answer.Preserve();
                await Coroutine.YieldAsync(); // throws outside of a coroutine's turn
            }

            return sum;
        });

        Assert.That(await Signal.Within(asker.AsTask()), Is.EqualTo(100));
    }

    [Test]
    public async Task Ask_ThatFails_ThrowsInTheCoroutine()
    {
        await using var system = new TestSystem();
        var failing = system.Actors.Spawn<Question>(question => question.ReplyTo.Fail(new FormatException("no number")));
        var gone = system.Actors.Spawn<Question>(_ => { });
        await Signal.Within(gone.StopAsync());
        var asker = system.Actors.Spawn(async Coroutine () =>
        {
            for (int i = 0; i < 3; i++)
            {
                Assert.That(await Catch(failing.AskAsync<int>(reply => new Question(1, reply))), Is.InstanceOf<FormatException>());
                Assert.That(await Catch(gone.AskAsync<int>(reply => new Question(1, reply))), Is.InstanceOf<AskRefusedException>());
            }
        });

        await Signal.Within(asker.AsTask());
    }

    [Test]
    public async Task Ask_AwaitedTwice_ThrowsTheSecondTime()
    {
        await using var system = new TestSystem();
        var echo = system.Actors.Spawn<Question>(question => question.ReplyTo.Tell(question.Number));
        var asker = system.Actors.Spawn(async Coroutine<int> () =>
        {
            var answer = echo.AskAsync<int>(reply => new Question(1, reply));
            int sum = await answer;
            Assert.That(await Catch(answer), Is.InstanceOf<InvalidOperationException>());
            var first = echo.AskAsync<int>(reply => new Question(10, reply));
            var second = echo.AskAsync<int>(reply => new Question(100, reply));
            return sum + await second + await first;
        });

        Assert.That(await Signal.Within(asker.AsTask()), Is.EqualTo(111));
    }

    [Test]
    public async Task Ask_NotAwaitedYet_HasNoResult()
    {
        await using var system = new TestSystem();
        var silent = system.Actors.Spawn<Question>(_ => { });
        var asker = system.Actors.Spawn(async Coroutine () =>
        {
            await Coroutine.YieldAsync();
            var answer = silent.AskAsync<int>(reply => new Question(1, reply), s_long);
            Assert.That(() => answer.GetAwaiter().GetResult(), Throws.InvalidOperationException);
        });

        await Signal.Within(asker.AsTask());
    }

    [Test]
    public async Task Ask_WithAnArgument_GivesItToTheQuestion()
    {
        await using var system = new TestSystem();
        var twice = system.Actors.Spawn<Question>(question => question.ReplyTo.Tell(question.Number * 2));

        Assert.That(await twice.AskAsync<int, int>(21, static (number, reply) => new Question(number, reply)), Is.EqualTo(42));
        Assert.That(await twice.AskAsync<int, int>(4, static (number, reply) => new Question(number, reply), s_long), Is.EqualTo(8));
        Assert.That(
            () => twice.AskAsync<int, int>(4, static (number, reply) => new Question(number, reply), TimeSpan.Zero).AsTask(),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    // By the machine's clock, because only then the dispatcher fixes deadlines late; the other test cases have a busy one.
    [TestCase(false)]
    [TestCase(true)]
    public async Task Deadline_OnADispatcher_PassesInTime(bool isBusy)
    {
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 });
        var reluctant = system.Actors.Spawn<Question>(question =>
        {
            if (question.Number != 0)
                question.ReplyTo.Tell(question.Number);
        });
        var busy = system.Actors.Spawn(async Coroutine () =>
        {
            while (isBusy)
                await Coroutine.YieldAsync();
        });
        var asker = system.Actors.Spawn(async Coroutine<TimeSpan> () =>
        {
            for (int i = 1; i <= 1000; i++)
                await reluctant.AskAsync<int>(reply => new Question(i, reply));
            long start = Stopwatch.GetTimestamp();
            var failure = await Catch(reluctant.AskAsync<int>(reply => new Question(0, reply), TimeSpan.FromSeconds(1)));
            Assert.That(failure, Is.InstanceOf<AskTimeoutException>());
            return Stopwatch.GetElapsedTime(start);
        });

        var elapsed = await Signal.Within(asker.AsTask());

        Assert.That(elapsed, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(1)).And.LessThan(Signal.Bound));
        busy.Cancel();
    }

    [Test]
    public async Task Ask_FromATurnThatHasLostItsDispatcher_HasItsDeadline()
    {
        using var gate = new ManualResetEventSlim();
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 });
        var silent = system.Actors.Spawn<Question>(_ => { });
        var asker = system.Actors.Spawn(async Coroutine () =>
        {
            var opener = Coroutine.Spawn(Open());
            Signal.Block(gate); // Only another thread can run the opener: this one has lost the dispatcher.
            var soon = silent.AskAsync<int>(reply => new Question(1, reply), TimeSpan.FromSeconds(1));
            var late = silent.AskAsync<int>(reply => new Question(2, reply), s_long).AsTask();
            Assert.That(await Catch(soon), Is.InstanceOf<AskTimeoutException>());
            Assert.That(late.IsCompleted, Is.False);
            await opener;
        });
        async Coroutine Open()
        {
            await Coroutine.YieldAsync();
            gate.Set();
        }

        await Signal.Within(asker.AsTask());
    }

    [Test]
    public async Task Ask_OnADispatcherPendingWhenTheSystemStops_Ends()
    {
        var system = new TestSystem();
        var silent = system.Actors.Spawn<Question>(_ => { });
        var asked = Signal.NewSource<Task<int>>();
        _ = system.Actors.Spawn(async Coroutine () =>
        {
            await Coroutine.YieldAsync();
            asked.SetResult(silent.AskAsync<int>(reply => new Question(1, reply), TimeSpan.FromHours(1)).AsTask());
        });
        var pending = await Signal.Within(asked.Task);

        await system.DisposeAsync();

        Assert.That(async () => await Signal.Within(pending), Throws.InstanceOf<AskTimeoutException>());
    }

    internal static async Coroutine<Exception?> Catch(ValueTask<int> answer)
    {
        try
        {
            await answer;
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
