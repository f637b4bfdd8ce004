using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

/// <summary>Asks of coroutines, with everything that can end them at the same time.</summary>
internal sealed class AskRaceTests
{
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
                    right += await AskWaitTests.Catch(answer) is FormatException ? 1 : 0;
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
}
