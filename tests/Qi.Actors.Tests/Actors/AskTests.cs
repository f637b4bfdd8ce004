using Qi.Actors.Tests.Mailboxes;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

internal sealed class AskTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    [Test]
    public async Task Ask_OfAnActorThatReplies_ReturnsTheReply()
    {
        await using var system = new TestSystem();
        var twice = system.Actors.Spawn<Question>(question => Assert.That(question.ReplyTo.Tell(question.Number * 2), Is.True));

        Assert.That(await twice.AskAsync<int>(reply => new Question(21, reply)), Is.EqualTo(42));
    }

    [Test]
    public async Task Ask_OfAnActorThatFails_ThrowsTheFailure()
    {
        await using var system = new TestSystem();
        var failing = system.Actors.Spawn<Question>(question => question.ReplyTo.Fail(new FormatException("no number")));

        Assert.That(async () => await failing.AskAsync<int>(reply => new Question(1, reply)), Throws.InstanceOf<FormatException>());
    }

    [TestCase(30)]
    [TestCase(900)]
    [TestCase(5_000)]
    public async Task Ask_WithoutAReply_TimesOutByTheClockOfTheSystem(int timeoutMs)
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(timeProvider: time);
        var asked = new SemaphoreSlim(0);
        var silent = system.Actors.Spawn<Question>(_ => asked.Release(), "silent");
        var timeout = TimeSpan.FromMilliseconds(timeoutMs);
        var answer = silent.AskAsync<int>(reply => new Question(1, reply), timeout).AsTask();
        await Signal.Within(asked);

        time.Advance(timeout - TimeSpan.FromMilliseconds(1));
        await Signal.Within(silent.AskAsync<int>(
            reply =>
            {
                reply.Tell(0);
                return new Question(2, reply);
            }));
        Assert.That(answer.IsCompleted, Is.False, "a deadline is never early");
        time.Advance(TimeSpan.FromMilliseconds(50));

        var thrown = (await Assert.ThrowsAsync<AskTimeoutException>(async () => await Signal.Within(answer)))!;
        Assert.That((thrown.Path, thrown.MessageType, thrown.Timeout), Is.EqualTo((silent.Path, typeof(Question), timeout)));
        Assert.That(thrown.Message, Does.Contain("/user/silent").And.Contain(nameof(Question)).And.Contain($"{timeoutMs} ms"));
    }

    [Test]
    public async Task Reply_AfterTheDeadline_IsADeadLetter()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(timeProvider: time);
        var reply = Signal.NewSource<ReplyTo<int>>();
        var silent = system.Actors.Spawn<Question>(question => reply.SetResult(question.ReplyTo));
        var answer = silent.AskAsync<int>(to => new Question(1, to)).AsTask();
        var late = await Signal.Within(reply.Task);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.That(async () => await Signal.Within(answer), Throws.InstanceOf<AskTimeoutException>());

        Assert.That(late.Tell(7), Is.False);
        Assert.That(late.Fail(new FormatException()), Is.False);

        Assert.That(system.LettersOf(), Is.EqualTo(new[] { new DeadLetter(default, 7, DeadLetterReason.LateReply) }));
    }

    [Test]
    public async Task Reply_TwiceToOneQuestion_TakesTheFirst()
    {
        await using var system = new TestSystem();
        var seconds = Signal.NewSource<(bool, bool)>();
        var eager = system.Actors.Spawn<Question>(question =>
        {
            question.ReplyTo.Tell(1);
            seconds.SetResult((question.ReplyTo.Tell(2), question.ReplyTo.Fail(new FormatException())));
        });

        Assert.That(await eager.AskAsync<int>(reply => new Question(1, reply)), Is.EqualTo(1));
        Assert.That(await Signal.Within(seconds.Task), Is.EqualTo((false, false)));
        Assert.That(system.LettersOf(DeadLetterReason.LateReply).Select(letter => letter.Message), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public async Task Reply_ToAnOldQuestion_DoesNotReachTheNext()
    {
        await using var system = new TestSystem();
        var replies = new List<ReplyTo<int>>();
        var hoarder = system.Actors.Spawn<Question>(question =>
        {
            foreach (var old in replies)
                Assert.That(old.Tell(-1), Is.False);
            replies.Add(question.ReplyTo);
            question.ReplyTo.Tell(question.Number);
        });
        var asker = system.Actors.Spawn(async Coroutine () =>
        {
            for (int i = 0; i < 100; i++)
                Assert.That(await hoarder.AskAsync<int>(reply => new Question(i, reply)), Is.EqualTo(i));
        });

        await Signal.Within(asker.AsTask());
    }

    [Test]
    public async Task Ask_Cancelled_Throws()
    {
        await using var system = new TestSystem();
        var asked = Signal.NewSource();
        var silent = system.Actors.Spawn<Question>(_ => asked.TrySetResult());
        using var cancel = new CancellationTokenSource();
        var answer = silent.AskAsync<int>(reply => new Question(1, reply), s_long, cancel.Token).AsTask();
        await Signal.Within(asked.Task);

        cancel.Cancel();

        Assert.That(async () => await Signal.Within(answer), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            async () => await silent.AskAsync<int>(reply => throw new InvalidOperationException("not called"), cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Ask_OfAStoppedActor_IsRefused()
    {
        await using var system = new TestSystem();
        var gone = system.Actors.Spawn<Question>(_ => { }, "gone");
        await Signal.Within(gone.StopAsync());

        var thrown = (await Assert.ThrowsAsync<AskRefusedException>(async () => await gone.AskAsync<int>(reply => new Question(1, reply))))!;

        Assert.That((thrown.Path, thrown.MessageType, thrown.Status), Is.EqualTo((gone.Path, typeof(Question), TellStatus.Stopped)));
        Assert.That(thrown.Message, Does.Contain("/user/gone").And.Contain(nameof(Question)));
        Assert.That(system.Actors.DeadLetters.Count, Is.Zero, "the asker was told");
    }

    [Test]
    public async Task Ask_OfAFullMailbox_IsRefused()
    {
        using var gate = new ManualResetEventSlim();
        await using var system = new TestSystem();
        var entered = Signal.NewSource();
        var busy = system.Actors.Spawn<Question>(
            _ =>
            {
                entered.TrySetResult();
                Signal.Block(gate);
            },
            null,
            new ActorOptions { Mailbox = MailboxOptions.Bounded(1, MailboxFullMode.Reject) });
        busy.Tell(new Question(0, default));
        await Signal.Within(entered.Task);
        busy.Tell(new Question(0, default));

        var thrown = (await Assert.ThrowsAsync<AskRefusedException>(async () => await busy.AskAsync<int>(reply => new Question(1, reply))))!;

        Assert.That(thrown.Status, Is.EqualTo(TellStatus.Full));
        Assert.That(thrown.Message, Does.Contain(busy.Path.Value).And.Contain("full"));
        gate.Set();
    }

    [TestCase(0)]
    [TestCase(-1)]
    public async Task Ask_WithoutTime_Throws(int timeoutMs)
    {
        await using var system = new TestSystem();
        var actor = system.Actors.Spawn<Question>(_ => { });

        Assert.That(
            () => actor.AskAsync<int>(reply => new Question(1, reply), TimeSpan.FromMilliseconds(timeoutMs)).AsTask(),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task Ask_WhoseQuestionThrows_ThrowsAtOnceAndKeepsItsSlot()
    {
        await using var system = new TestSystem();
        var actor = system.Actors.Spawn<Question>(question => question.ReplyTo.Tell(question.Number));

        Assert.That(
            () => actor.AskAsync<int>(_ => throw new FormatException("question")).AsTask(),
            Throws.InstanceOf<FormatException>());
        Assert.That(await actor.AskAsync<int>(reply => new Question(5, reply)), Is.EqualTo(5));
    }

    [Test]
    public void ReplyTo_ThatIsADefault_SaysSo()
    {
        ReplyTo<int> nowhere = default;

        Assert.That(() => nowhere.Tell(1), Throws.InvalidOperationException.With.Message.Contains("ReplyTo<Int32>"));
        Assert.That(() => nowhere.Fail(new FormatException()), Throws.InvalidOperationException);
    }

    [Test]
    public async Task ReplyTo_OfAnActor_TellsIt()
    {
        await using var system = new TestSystem();
        var got = Signal.NewSource<int>();
        var collector = system.Actors.Spawn<int>(got.SetResult);
        var actor = system.Actors.Spawn<Question>(question => question.ReplyTo.Tell(question.Number));
        ReplyTo<int> address = collector;

        actor.Tell(new Question(8, address));

        Assert.That(await Signal.Within(got.Task), Is.EqualTo(8));
        Assert.That(address.Fail(new FormatException()), Is.False);
        Assert.That(address, Is.EqualTo(ReplyTo<int>.ToActor(collector)));
        await Signal.Within(collector.StopAsync());
        Assert.That(address.Tell(9), Is.False);
    }

    [Test]
    public async Task Ask_FromAnActor_ContinuesInItsTurn()
    {
        await using var system = new TestSystem();
        var adder = system.Actors.Spawn<Question>(question => question.ReplyTo.Tell(question.Number + 1));
        var front = system.Actors.Spawn<Question>(async question =>
        {
            var context = SynchronizationContext.Current;
            int sum = await adder.AskAsync<int>(reply => new Question(question.Number, reply));
            question.ReplyTo.Tell(SynchronizationContext.Current == context ? sum : -1);
        });

        Assert.That(await Signal.Within(front.AskAsync<int>(reply => new Question(1, reply))), Is.EqualTo(2));
    }

    [Test]
    [Category("Stress")]
    public async Task Ask_ByThousandsAtOnce_EachGetsItsOwnReply()
    {
        await using var system = new TestSystem();
        var workers = Enumerable.Range(0, 4)
            .Select(_ => system.Actors.Spawn<Question>(question => question.ReplyTo.Tell(question.Number)))
            .ToArray();
        async Task<int> AskMany(int first)
        {
            int wrong = 0;
            for (int i = first; i < first + 50; i++)
                wrong += await workers[i % 4].AskAsync<int>(reply => new Question(i, reply), s_long) == i ? 0 : 1;
            return wrong;
        }

        async Coroutine<int> AskManyAsCoroutine(int first)
        {
            int wrong = 0;
            for (int i = first; i < first + 50; i++)
                wrong += await workers[i % 4].AskAsync<int>(reply => new Question(i, reply), s_long) == i ? 0 : 1;
            return wrong;
        }

        var tasks = Enumerable.Range(0, 2_000).Select(i => AskMany(i * 100)).ToList();
        tasks.AddRange(Enumerable.Range(0, 2_000).Select(i => system.Actors.Spawn(() => AskManyAsCoroutine(i * 100)).AsTask()));

        Assert.That(await Signal.Within(Task.WhenAll(tasks)), Is.All.Zero);
    }
}
