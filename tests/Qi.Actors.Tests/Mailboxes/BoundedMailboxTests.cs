using System.Threading.Tasks.Dataflow;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Mailboxes;

internal sealed class BoundedMailboxTests
{
    private const int Capacity = 3;

    [TestCase(MailboxFullMode.Wait, TellStatus.Full, DeadLetterReason.MailboxFull)]
    [TestCase(MailboxFullMode.Reject, TellStatus.Full, DeadLetterReason.MailboxFull)]
    [TestCase(MailboxFullMode.DropNewest, TellStatus.Dropped, DeadLetterReason.Dropped)]
    public async Task Tell_WhenFull_RefusesTheNewest(MailboxFullMode mode, TellStatus expected, DeadLetterReason reason)
    {
        await using var busy = await BusyActor.Create(mode, Capacity);
        for (int i = 1; i <= Capacity; i++)
            Assert.That(busy.Actor.Tell(i), Is.EqualTo(TellStatus.Accepted));

        Assert.That(busy.Actor.Tell(99), Is.EqualTo(expected));
        Assert.That(busy.Actor.MailboxCount, Is.EqualTo(Capacity));
        Assert.That(busy.System.LettersOf(), Is.EqualTo(new[] { new DeadLetter(busy.Actor.Path, 99, reason) }));

        Assert.That(await busy.Finish(), Is.EqualTo(new[] { 0, 1, 2, 3 }));
    }

    [Test]
    public async Task Tell_WhenFullInDropOldest_DropsTheOldest()
    {
        await using var busy = await BusyActor.Create(MailboxFullMode.DropOldest, Capacity);
        for (int i = 1; i <= Capacity + 2; i++)
            Assert.That(busy.Actor.Tell(i), Is.EqualTo(TellStatus.Accepted));

        Assert.That(busy.System.LettersOf(DeadLetterReason.Dropped).Select(letter => letter.Message), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(await busy.Finish(), Is.EqualTo(new[] { 0, 3, 4, 5 }));
    }

    [TestCase(MailboxFullMode.Reject, false)]
    [TestCase(MailboxFullMode.DropNewest, true)]
    [TestCase(MailboxFullMode.DropOldest, true)]
    public async Task SendAsync_WhenFullInAModeThatDoesNotWait_EndsAtOnce(MailboxFullMode mode, bool expected)
    {
        await using var busy = await BusyActor.Create(mode, Capacity);
        for (int i = 1; i <= Capacity; i++)
            busy.Actor.Tell(i);

        var sent = busy.Actor.SendAsync(99);

        Assert.That(sent.IsCompleted, Is.True);
        Assert.That(await sent, Is.EqualTo(expected));
    }

    [TestCase(MailboxFullMode.Reject, DataflowMessageStatus.Declined)]
    [TestCase(MailboxFullMode.DropNewest, DataflowMessageStatus.Accepted)]
    [TestCase(MailboxFullMode.DropOldest, DataflowMessageStatus.Accepted)]
    public async Task Offer_WhenFullInAModeThatDoesNotWait_ConsumesOnlyWhatItAccepts(MailboxFullMode mode, DataflowMessageStatus expected)
    {
        await using var busy = await BusyActor.Create(mode, Capacity);
        for (int i = 1; i <= Capacity; i++)
            busy.Actor.Tell(i);
        var source = new ManualSource<int>(99);

        Assert.That(source.Offer(busy.Actor), Is.EqualTo(expected));
        Assert.That(source.Offer(busy.Actor, 2, consumeToAccept: true), Is.EqualTo(expected));

        Assert.That(source.Calls, Has.Length.EqualTo(expected == DataflowMessageStatus.Accepted ? 1 : 0));
    }

    [Test]
    public async Task SendAsync_WhenFull_WaitsInLine()
    {
        await using var busy = await BusyActor.Create(MailboxFullMode.Wait, Capacity);
        for (int i = 1; i <= Capacity; i++)
            busy.Actor.Tell(i);
        var waiting = Enumerable.Range(10, 20).Select(i => busy.Actor.SendAsync(i).AsTask()).ToArray();
        Assert.That(waiting.Any(task => task.IsCompleted), Is.False);
        Assert.That(busy.Actor.Tell(99), Is.EqualTo(TellStatus.Full), "nobody overtakes the line");

        var seen = await busy.Finish(waiting);

        Assert.That(await Task.WhenAll(waiting), Is.All.True);
        Assert.That(seen, Is.EqualTo(new[] { 0, 1, 2, 3 }.Concat(Enumerable.Range(10, 20))));
    }

    [Test]
    public async Task SendAsync_CancelledInLine_LeavesIt()
    {
        await using var busy = await BusyActor.Create(MailboxFullMode.Wait, 1);
        busy.Actor.Tell(1);
        using var cancel = new CancellationTokenSource();
        var first = busy.Actor.SendAsync(10, cancel.Token).AsTask();
        var second = busy.Actor.SendAsync(11).AsTask();

        cancel.Cancel();

        var thrown = (await Assert.ThrowsAsync<TaskCanceledException>(async () => await Signal.Within(first)))!;
        Assert.That(thrown.CancellationToken, Is.EqualTo(cancel.Token));
        Assert.That(await busy.Finish(second), Is.EqualTo(new[] { 0, 1, 11 }));
    }

    [Test]
    public async Task SendAsync_CancelledAfterItWasTaken_IsTrue()
    {
        await using var busy = await BusyActor.Create(MailboxFullMode.Wait, 1);
        busy.Actor.Tell(1);
        using var cancel = new CancellationTokenSource();
        var sent = busy.Actor.SendAsync(10, cancel.Token).AsTask();
        await busy.Finish(sent);

        cancel.Cancel();

        Assert.That(await sent, Is.True);
    }

    [TestCase(StopMode.Drain)]
    [TestCase(StopMode.Now)]
    public async Task Stop_WithSendersInLine_TellsThemFalse(StopMode mode)
    {
        await using var busy = await BusyActor.Create(MailboxFullMode.Wait, 1);
        busy.Actor.Tell(1);
        var waiting = Enumerable.Range(10, 5).Select(i => busy.Actor.SendAsync(i).AsTask()).ToArray();

        var stopped = busy.Actor.StopAsync(mode);
        busy.Gate.Set();
        await Signal.Within(stopped);

        Assert.That(await Signal.Within(Task.WhenAll(waiting)), Is.All.False);
        Assert.That(busy.Seen, Is.EqualTo(mode == StopMode.Drain ? new[] { 0, 1 } : new[] { 0 }));
        Assert.That(busy.System.LettersOf().Select(letter => letter.Message), Is.EqualTo(mode == StopMode.Drain ? [] : new object[] { 1 }));
        Assert.That(await busy.Actor.SendAsync(20), Is.False);
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void Bounded_WithoutRoomForOne_Throws(int capacity)
        => Assert.That(() => MailboxOptions.Bounded(capacity), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Bounded_WithUnknownMode_NamesTheModes()
        => Assert.That(
            () => MailboxOptions.Bounded(1, (MailboxFullMode)9),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Wait, Reject, DropNewest and DropOldest"));

    [Test]
    public async Task MailboxCount_OfAPlainMailbox_IsNull()
    {
        await using var system = new TestSystem();
        Assert.That(system.Actors.Spawn<int>(_ => { }).MailboxCount, Is.Null);
    }
}
