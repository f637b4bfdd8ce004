using System.Runtime.InteropServices;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Mailboxes;

internal sealed class PlainMailboxTests
{
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Numbered(int Sender, int Number);

    [Test]
    public async Task Tell_FromOneSender_KeepsTheOrder()
    {
        await using var system = new TestSystem();
        var seen = new List<int>();
        var done = Signal.NewSource();
        var actor = system.Actors.Spawn<int>(number =>
        {
            seen.Add(number);
            if (number == 9_999)
                done.TrySetResult();
        });

        for (int i = 0; i < 10_000; i++)
            Assert.That(actor.Tell(i), Is.EqualTo(TellStatus.Accepted));

        await Signal.Within(done.Task);
        Assert.That(seen, Is.EqualTo(Enumerable.Range(0, 10_000)));
    }

    [TestCase(2, false)]
    [TestCase(4, false)]
    [TestCase(4, true)]
    [Category("Stress")]
    public async Task Tell_FromManySenders_LosesNothingAndNeverRunsTwoTurns(int senders, bool isBounded)
    {
        const int Each = 100_000;
        await using var system = new TestSystem();
        int[] next = new int[senders];
        int inside = 0;
        int overlaps = 0;
        int disorders = 0;
        int left = senders * Each;
        var done = Signal.NewSource();
        var options = new ActorOptions { Mailbox = isBounded ? MailboxOptions.Bounded(64) : MailboxOptions.Unbounded };
        var actor = system.Actors.Spawn<Numbered>(
            message =>
            {
                if (Interlocked.Increment(ref inside) != 1)
                    Interlocked.Increment(ref overlaps);
                if (next[message.Sender]++ != message.Number)
                    disorders++;
                Interlocked.Decrement(ref inside);
                if (--left == 0)
                    done.TrySetResult();
            },
            null,
            options);

        var all = Enumerable.Range(0, senders).Select(sender => Task.Run(async () =>
        {
            for (int i = 0; i < Each; i++)
            {
                if (isBounded)
                    Assert.That(await actor.SendAsync(new Numbered(sender, i)), Is.True);
                else
                    actor.Tell(new Numbered(sender, i));
            }
        }));
        await Signal.Within(Task.WhenAll(all), "the senders");
        await Signal.Within(done.Task, "all messages");

        Assert.That((overlaps, disorders), Is.EqualTo((0, 0)));
        Assert.That(next, Is.All.EqualTo(Each));
    }

    [Test]
    [Category("Stress")]
    public async Task Tell_AtTheEdgeOfIdle_WakesTheActorEveryTime()
    {
        const int Rounds = 200_000;
        await using var system = new TestSystem();
        int handled = 0;
        var actor = system.Actors.Spawn<int>(number => Volatile.Write(ref handled, number));

        // The next message is sent the moment the one before is handled: while the actor is about to become idle.
        var driver = Task.Factory.StartNew(
            () =>
            {
                for (int i = 1; i <= Rounds; i++)
                {
                    actor.Tell(i);
                    if (!SpinWait.SpinUntil(() => Volatile.Read(ref handled) == i, Signal.Bound))
                        return i;
                }

                return 0;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        Assert.That(await driver, Is.Zero, "the message that was lost");
    }

    [Test]
    public async Task Stop_SentBehindMessages_OvertakesThem()
    {
        using var gate = new ManualResetEventSlim();
        await using var system = TestSystem.WithOneDispatcher();
        var entered = Signal.NewSource();
        var seen = new List<int>();
        var actor = system.Actors.Spawn<int>(number =>
        {
            seen.Add(number);
            entered.TrySetResult();
            Signal.Block(gate);
        });
        for (int i = 0; i < 100; i++)
            actor.Tell(i);
        await Signal.Within(entered.Task);

        var stopped = actor.StopAsync(StopMode.Now);
        gate.Set();
        await Signal.Within(stopped);

        Assert.That(seen, Is.EqualTo(new[] { 0 }));
        Assert.That(system.LettersOf(DeadLetterReason.Stopped).Select(letter => letter.Message), Is.EqualTo(Enumerable.Range(1, 99)));
    }

    [Test]
    public async Task Turn_OverItsBudget_LetsOthersRun()
    {
        using var gate = new ManualResetEventSlim();
        await using var system = TestSystem.WithOneDispatcher();
        system.Actors.Spawn<int>(_ => Signal.Block(gate)).Tell(0);
        var log = new List<string>();
        var done = Signal.NewSource();
        var many = system.Actors.Spawn<int>(number => log.Add($"many {number}"));
        var few = system.Actors.Spawn<int>(number => log.Add($"few {number}"));
        var last = system.Actors.Spawn<int>(_ => done.TrySetResult());
        for (int i = 0; i < 10_000; i++)
            many.Tell(i);
        few.Tell(0);

        gate.Set();
        await Signal.Within(many.StopAsync());
        last.Tell(0);
        await Signal.Within(done.Task);

        Assert.That(log.IndexOf("few 0"), Is.InRange(0, 5_000), "128 messages, or a millisecond's worth, are a turn");
        Assert.That(log, Has.Count.EqualTo(10_001));
    }

    [Test]
    public async Task Mailbox_OfReferencesToBase_TakesNullAndDerived()
    {
        await using var system = new TestSystem();
        var seen = new List<object?>();
        var done = Signal.NewSource();
        var actor = system.Actors.Spawn<object?>(message =>
        {
            seen.Add(message);
            if (seen.Count == 3)
                done.TrySetResult();
        });

        actor.Tell("text");
        actor.Tell(null);
        actor.Tell(5);
        await Signal.Within(done.Task);

        Assert.That(seen, Is.EqualTo(new object?[] { "text", null, 5 }));
    }
}
