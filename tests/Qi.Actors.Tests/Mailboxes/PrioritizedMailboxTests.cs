using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Mailboxes;

internal sealed class PrioritizedMailboxTests
{
    [Test]
    public async Task Messages_WhenTheActorIsBusy_ComeMostUrgentFirstAndStable()
    {
        await using var busy = await BusyActor.Create(new ActorOptions { Mailbox = MailboxOptions.Prioritized<int>(message => message / 100) });
        int[] sent = [101, 301, 102, 201, 302, 103, 1, 303, -200];
        foreach (int message in sent)
            Assert.That(busy.Actor.Tell(message), Is.EqualTo(TellStatus.Accepted));
        Assert.That(busy.Actor.MailboxCount, Is.EqualTo(sent.Length));

        Assert.That(await busy.Finish(), Is.EqualTo(new[] { 0, 301, 302, 303, 201, 101, 102, 103, 1, -200 }));
    }

    [Test]
    public async Task Messages_OfOneUrgency_KeepTheirOrder()
    {
        await using var busy = await BusyActor.Create(new ActorOptions { Mailbox = MailboxOptions.Prioritized<int>(_ => 0) });
        for (int i = 1; i <= 5_000; i++)
            busy.Actor.Tell(i);

        Assert.That(await busy.Finish(), Is.EqualTo(Enumerable.Range(0, 5_001)));
    }

    [Test]
    public async Task Spawn_WithASelectorOfAnotherType_NamesBoth()
    {
        await using var system = new TestSystem();
        var options = new ActorOptions { Mailbox = MailboxOptions.Prioritized<string>(text => text.Length) };

        Assert.That(
            () => system.Actors.Spawn<int>(_ => { }, "numbers", options),
            Throws.ArgumentException.With.Message.Contains("Int32"));
        Assert.That(system.Actors.TryGet<int>("numbers", out _), Is.False);
    }

    [Test]
    public async Task Tell_WhoseSelectorThrows_FailsOnlyTheSender()
    {
        await using var busy = await BusyActor.Create(new ActorOptions
        {
            Mailbox = MailboxOptions.Prioritized<int>(message => message == 13 ? throw new InvalidOperationException("selector") : 0),
        });

        Assert.That(() => busy.Actor.Tell(13), Throws.InvalidOperationException);
        busy.Actor.Tell(1);

        Assert.That(await busy.Finish(), Is.EqualTo(new[] { 0, 1 }));
    }

    [Test]
    public async Task Message_ThatComesWhileTheStoppedHookRuns_IsBuried()
    {
        await using var system = new TestSystem();
        using var isSending = new ManualResetEventSlim();
        using var mayEnqueue = new ManualResetEventSlim();
        using var isSent = new ManualResetEventSlim();
        int Select(int message)
        {
            isSending.Set();
            Signal.Block(mayEnqueue); // It has seen that the actor takes messages.
            return message;
        }

        var stopped = new StoppedFirst(mayEnqueue, isSent);
        var actor = system.Actors.Spawn<int>(() => stopped, options: new ActorOptions { Mailbox = MailboxOptions.Prioritized<int>(Select) });
        var sending = Task.Run(() =>
        {
            actor.Tell(1);
            isSent.Set();
        });
        Signal.Block(isSending);
        await Signal.Within(actor.StopAsync());
        await Signal.Within(sending);

        Assert.That(stopped.HandledAfter, Is.Zero);
        Assert.That(system.LettersOf(DeadLetterReason.Stopped), Has.Length.EqualTo(1));
    }

    private sealed class StoppedFirst(ManualResetEventSlim mayEnqueue, ManualResetEventSlim isSent) : Actor<int>
    {
        private bool _isStopped;

        public int HandledAfter { get; private set; }

        protected override void Receive(int message) => HandledAfter += _isStopped ? 1 : 0;

        protected override void OnStopped()
        {
            _isStopped = true;
            mayEnqueue.Set();
            Signal.Block(isSent);
        }
    }
}
