using System.Threading.Channels;

using Qi.Actors.Tests.Mailboxes;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

internal sealed class ChannelViewTests
{
    [Test]
    public async Task Writer_OverAPlainActor_WritesAndCompletes()
    {
        await using var system = new TestSystem();
        var seen = new List<int>();
        var actor = system.Actors.Spawn<int>(seen.Add);
        var writer = actor.AsChannelWriter();

        Assert.That(writer.TryWrite(1), Is.True);
        Assert.That(await Signal.Within(writer.WaitToWriteAsync()), Is.True);
        await Signal.Within(writer.WriteAsync(2));
        Assert.That(writer.TryComplete(), Is.True);
        await Signal.Within(actor.Completion);

        Assert.That(seen, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(writer.TryComplete(), Is.False);
        Assert.That(writer.TryWrite(3), Is.False);
        Assert.That(await Signal.Within(writer.WaitToWriteAsync()), Is.False);
        Assert.That(async () => await writer.WriteAsync(4), Throws.InstanceOf<ChannelClosedException>());
    }

    [Test]
    public async Task Writer_OverAFullMailbox_WaitsForRoom()
    {
        await using var busy = await BusyActor.Create(MailboxFullMode.Wait, 1);
        var writer = busy.Actor.AsChannelWriter();
        Assert.That(writer.TryWrite(1), Is.True);
        Assert.That(writer.TryWrite(2), Is.False);
        Assert.That(busy.System.LettersOf(), Is.Empty, "the caller keeps what TryWrite did not take");

        var room = writer.WaitToWriteAsync().AsTask();
        var written = writer.WriteAsync(3).AsTask();
        Assert.That((room.IsCompleted, written.IsCompleted), Is.EqualTo((false, false)));
        busy.Gate.Set();

        Assert.That(await Signal.Within(room), Is.True);
        Assert.That(await busy.Finish(written), Is.EqualTo(new[] { 0, 1, 3 }));
    }

    [Test]
    public async Task Writer_WaitingWhenTheActorStops_IsToldFalse()
    {
        await using var busy = await BusyActor.Create(MailboxFullMode.Wait, 1);
        var writer = busy.Actor.AsChannelWriter();
        writer.TryWrite(1);
        var room = writer.WaitToWriteAsync().AsTask();

        var stopped = busy.Actor.StopAsync(); // asked for while the handler is busy: no room returns before it is seen
        await busy.Finish(stopped);

        Assert.That(await Signal.Within(room), Is.False);
    }

    [Test]
    public async Task Writer_CancelledWhileItWaits_Throws()
    {
        await using var busy = await BusyActor.Create(MailboxFullMode.Wait, 1);
        var writer = busy.Actor.AsChannelWriter();
        writer.TryWrite(1);
        using var cancel = new CancellationTokenSource();
        var room = writer.WaitToWriteAsync(cancel.Token).AsTask();

        cancel.Cancel();

        Assert.That(async () => await Signal.Within(room), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Writer_CompletedWithAnError_FaultsTheActor()
    {
        await using var system = new TestSystem();
        var actor = system.Actors.Spawn<int>(_ => { });

        actor.AsChannelWriter().Complete(new FormatException());

        Assert.That(async () => await Signal.Within(actor.Completion), Throws.InstanceOf<FormatException>());
    }

    [Test]
    public async Task Reader_OverAnOutput_ReadsToTheEnd()
    {
        await using var system = new TestSystem();
        var squares = system.Actors.SpawnTransform<int, int>(number => number * number);
        var reader = squares.AsChannelReader();
        var reading = Task.Run(async () =>
        {
            var read = new List<int>();
            await foreach (int square in reader.ReadAllAsync())
                read.Add(square);
            return read;
        });
        for (int i = 0; i < 100; i++)
            squares.Tell(i);
        squares.Complete();

        Assert.That(await Signal.Within(reading), Is.EqualTo(Enumerable.Range(0, 100).Select(i => i * i)));
        await Signal.Within(reader.Completion);
        Assert.That(reader.TryRead(out _), Is.False);
    }

    [Test]
    public async Task Reader_OverAFailedActor_ThrowsItsFailure()
    {
        await using var system = new TestSystem();
        system.ExpectErrors(1);
        var failing = system.Actors.SpawnTransform<int, int>(_ => throw new FormatException("bad"));
        failing.Tell(1);

        Assert.That(
            async () => await Signal.Within(failing.AsChannelReader().WaitToReadAsync()),
            Throws.InstanceOf<FormatException>().Or.InstanceOf<AggregateException>());
    }
}
