using System.Threading.Tasks.Dataflow;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Mailboxes;

/// <summary>What may happen to those in line while a place is reserved for a message that is being fetched from its source.</summary>
internal sealed class LineForRoomTests
{
    [Test]
    public async Task SendAsync_WhileTheLastPlaceIsReservedForAMessageThatIsGone_IsServed()
    {
        await using var system = new TestSystem();
        var handled = Signal.NewSource<int>();
        var actor = Spawn(system, handled);
        Task<bool>? sent = null;
        var source = new ManualSource<int>(1) { IsAvailable = false };
        source.WhileConsumed = () => sent = actor.SendAsync(7).AsTask();

        Assert.That(source.Offer(actor, consumeToAccept: true), Is.EqualTo(DataflowMessageStatus.NotAvailable));

        Assert.That(await Signal.Within(handled.Task, "the message that waited"), Is.EqualTo(7));
        Assert.That(await Signal.Within(sent!), Is.True);
    }

    [Test]
    public async Task Offer_WhileTheLastPlaceIsReservedForAMessageThatIsGone_IsConsumed()
    {
        await using var system = new TestSystem();
        var handled = Signal.NewSource<int>();
        var actor = Spawn(system, handled);
        var postponed = new ManualSource<int>(7);
        var source = new ManualSource<int>(1) { IsAvailable = false };
        source.WhileConsumed = () => postponed.Offer(actor);

        source.Offer(actor, consumeToAccept: true);

        Assert.That(await Signal.Within(handled.Task, "the postponed message"), Is.EqualTo(7));
    }

    [Test]
    public async Task Tell_BetweenARoomAndThoseInLine_DoesNotOvertakeThem()
    {
        using var gate = new ManualResetEventSlim();
        await using var system = TestSystem.WithOneDispatcher();
        var handled = Signal.NewSource<int>();
        var actor = Spawn(system, handled);
        var entered = Signal.NewSource();
        system.Actors.Spawn<int>(_ =>
        {
            entered.SetResult();
            Signal.Block(gate);
        }).Tell(0);
        await Signal.Within(entered.Task);
        Task<bool>? sent = null;
        var source = new ManualSource<int>(1) { IsAvailable = false };
        source.WhileConsumed = () => sent = actor.SendAsync(7).AsTask();
        source.Offer(actor, consumeToAccept: true);

        var status = actor.Tell(9);
        gate.Set();

        Assert.That(status, Is.EqualTo(TellStatus.Full), "there is room, but it is the waiting sender's");
        Assert.That(await Signal.Within(handled.Task), Is.EqualTo(7));
        Assert.That(await Signal.Within(sent!), Is.True);
    }

    [Test]
    public async Task Offer_WhoseSourceThrows_GivesItsPlaceBack()
    {
        await using var system = new TestSystem();
        var handled = Signal.NewSource<int>();
        var actor = Spawn(system, handled);
        var source = new ManualSource<int>(1) { WhileConsumed = () => throw new InvalidOperationException("source") };

        Assert.That(() => source.Offer(actor, consumeToAccept: true), Throws.InvalidOperationException);

        Assert.That(await Signal.Within(actor.SendAsync(7)), Is.True);
        Assert.That(await Signal.Within(handled.Task), Is.EqualTo(7));
    }

    [Test]
    public async Task Room_WhenAPostponedSourceThrows_GoesToTheNextAndIsLogged()
    {
        await using var busy = await BusyActor.Create(MailboxFullMode.Wait, 1);
        busy.System.ExpectErrors(1);
        busy.Actor.Tell(1);
        var bad = new ManualSource<int>(50) { WhileConsumed = () => throw new InvalidOperationException("source") };
        bad.Offer(busy.Actor);
        var next = busy.Actor.SendAsync(2).AsTask();

        Assert.That(await busy.Finish(next), Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That(busy.System.Log.Entries.Single(entry => entry.Id == 302).Message, Does.Contain(busy.Actor.Path.Value));
    }

    [Test]
    public async Task Offer_ClosedWhileItIsConsumed_BecomesADeadLetter()
    {
        await using var system = new TestSystem();
        var actor = system.Actors.Spawn<int>(_ => { });
        var source = new ManualSource<int>(7) { WhileConsumed = actor.Complete };

        Assert.That(source.Offer(actor, consumeToAccept: true), Is.EqualTo(DataflowMessageStatus.Accepted), "the source has given it away");

        await Signal.Within(actor.Completion);
        Assert.That(system.LettersOf().Select(letter => letter.Message), Is.EqualTo(new[] { 7 }));
    }

    [Test]
    [Category("Stress")]
    public async Task Line_WithAllKindsOfWaiters_LosesNobody()
    {
        const int Each = 5_000;
        await using var system = new TestSystem();
        int left = 4 * Each;
        var done = Signal.NewSource();
        var actor = system.Actors.Spawn<int>(
            _ =>
            {
                if (--left == 0)
                    done.TrySetResult();
            },
            null,
            new ActorOptions { Mailbox = MailboxOptions.Bounded(1) });
        var buffer = new BufferBlock<int>();
        buffer.LinkTo(actor);
        var writer = actor.AsChannelWriter();

        var senders = Task.WhenAll(
            Task.Run(async () =>
            {
                for (int i = 0; i < Each; i++)
                    await actor.SendAsync(i);
            }),
            Task.Run(async () =>
            {
                for (int i = 0; i < Each; i++)
                    await DataflowBlock.SendAsync(actor, i);
            }),
            Task.Run(() =>
            {
                for (int i = 0; i < Each; i++)
                    buffer.Post(i);
            }),
            Task.Run(async () =>
            {
                for (int i = 0; i < Each;)
                {
                    await writer.WaitToWriteAsync();
                    if (writer.TryWrite(i))
                        i++;
                }
            }));

        await Signal.Within(senders, "the senders");
        await Signal.Within(done.Task, "all messages");
    }

    private static ActorRef<int> Spawn(TestSystem system, TaskCompletionSource<int> handled)
        => system.Actors.Spawn<int>(message => handled.TrySetResult(message), null, new ActorOptions { Mailbox = MailboxOptions.Bounded(1) });
}
