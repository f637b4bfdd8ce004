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

    [Test]
    [Category("Stress")]
    public async Task ReplyAndCancel_AtTheSameTime_OneOfThemWins()
    {
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 4 });
        int accepted = 0;
        int received = 0;
        int cancelled = 0;
        var repliers = Enumerable.Range(0, 4)
            .Select(_ => system.Actors.Spawn<Question>(question =>
            {
                if (question.ReplyTo.Tell(question.Number))
                    Interlocked.Increment(ref accepted);
            }))
            .ToArray();
        var started = new SemaphoreSlim(0);
        async Coroutine AskUntilCancelledOften(int seed)
        {
            started.Release(); // A cancel before the first turn would end the coroutine without running it.
            for (int i = 0, cancels = 0; cancels < 100; i++)
            {
                try
                {
                    int number = (seed * 100_000) + i;
                    Assert.That(await repliers[number % 4].AskAsync<int>(reply => new Question(number, reply)), Is.EqualTo(number));
                    Interlocked.Increment(ref received);
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref cancelled);
                    cancels++;
                }
            }
        }

        var askers = Enumerable.Range(1, 32).Select(seed => system.Actors.Spawn(() => AskUntilCancelledOften(seed))).ToArray();
        foreach (var _ in askers)
            await Signal.Within(started);
        var canceller = Task.Run(() =>
        {
            while (!Array.TrueForAll(askers, asker => asker.IsDone))
            {
                foreach (var asker in askers)
                    asker.Cancel();
            }
        });

        foreach (var asker in askers)
            await Signal.Within(asker.AsTask());
        await Signal.Within(canceller);
        foreach (var replier in repliers)
            await Signal.Within(replier.StopAsync());

        Assert.That(accepted, Is.EqualTo(received));
        Assert.That(cancelled, Is.EqualTo(3200));
        Assert.That(system.LettersOf(), Is.All.Matches<DeadLetter>(letter => letter.Reason == DeadLetterReason.LateReply));
    }

    // Several winners for each use, on several threads, and the asker parks while they come.
    [Test]
    [Category("Stress")]
    public async Task Replies_FromSeveralThreadsAtOnce_OneOfThemCounts()
    {
        const int Rounds = 20_000;
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 4 });
        int accepted = 0;
        ActorRef<Question> NewReplier() => system.Actors.Spawn<Question>(question =>
        {
            if (question.Number % 7 == 0 ? question.ReplyTo.Fail(new FormatException()) : question.ReplyTo.Tell(question.Number))
                Interlocked.Increment(ref accepted);
        });
        var repliers = Enumerable.Range(0, 3).Select(_ => NewReplier()).ToArray();
        async Coroutine<int> AskAll(int first)
        {
            int right = 0;
            for (int i = first; i < first + Rounds; i++)
            {
                var answer = repliers[0].AskAsync<int>(reply =>
                {
                    repliers[1].Tell(new Question(i, reply));
                    repliers[2].Tell(new Question(i, reply));
                    return new Question(i, reply);
                });
                if (i % 7 == 0)
                    right += await Catch(answer) is FormatException ? 1 : 0;
                else
                    right += await answer == i ? 1 : 0;
            }

            return right;
        }

        var askers = Enumerable.Range(0, 4).Select(i => system.Actors.Spawn(() => AskAll(i * Rounds))).ToArray();
        foreach (var asker in askers)
            Assert.That(await Signal.Within(asker.AsTask()), Is.EqualTo(Rounds));
        foreach (var replier in repliers)
            await Signal.Within(replier.StopAsync());

        Assert.That(accepted, Is.EqualTo(4 * Rounds));
    }

    private static async Coroutine<Exception?> Catch(ValueTask<int> answer)
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
