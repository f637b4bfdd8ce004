using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Qi.Actors.IO.Tests.Actors;

internal sealed partial class ConnectionActorTests
{
    [Test]
    public async Task Actor_ThatIsStopped_ClosesItsConnection()
    {
        var closed = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = _system.Spawn<ConnectionEvent>(message => closed.TrySetResult((message as Closed)?.Failure));
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler);

        await actor.StopAsync();

        Assert.That(await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound), Is.Zero);
        Assert.That(await closed.Task.WaitAsync(s_bound), Is.Null);
    }

    [Test]
    public async Task Actor_ThatIsStoppedBesideAFullHandler_GivesNoMemoryAwayAndTellsItsEndLast()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = Channel.CreateUnbounded<string>();
        var handler = _system.Spawn<ConnectionEvent>(
            async message =>
            {
                await gate.Task;
                seen.Writer.TryWrite(message is Received received ? TextOf(received) : message is Closed ? "closed" : "ended");
            },
            options: new ActorOptions { Mailbox = MailboxOptions.Bounded(1) });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler, new ConnectionActorOptions { ReadBytes = 1 });
        await client.WriteAsync("abcdefgh"u8.ToArray());
        while (_system.GetBuffers().GetStatistics().InUseBytes < 3 * 4096)
            await Task.Yield(); // one is being handled, one is in the mailbox, and one waits for room
        await actor.StopAsync(StopMode.Now);
        gate.SetResult();

        string last = "";
        var texts = new List<string>();
        while (last != "closed")
            texts.Add(last = await seen.Reader.ReadAsync().AsTask().WaitAsync(s_bound));
        Assert.That(string.Concat(texts), Does.Match("^abc?closed$"));
        await handler.StopAsync();
        Assert.That(seen.Reader.Count, Is.Zero, "The end is the last that is heard.");

        static string TextOf(Received received)
        {
            using (received)
                return Encoding.UTF8.GetString(received.Bytes.Span);
        }
    }

    [Test]
    public async Task Handler_ThatHasStopped_EndsTheConnectionAtThePeersEnd()
    {
        var handler = _system.Spawn<ConnectionEvent>(static _ => { });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler);
        await handler.StopAsync();

        client.EndWriting();

        await actor.Completion.WaitAsync(s_bound);
        Assert.That(await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound), Is.Zero);
    }

    [Test]
    public async Task Handler_ThatStopsWhileThePeerIsSilent_EndsTheConnection([Values] bool isPaused)
    {
        var handler = _system.Spawn<ConnectionEvent>(static message => (message as Received)?.Dispose());
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler);
        if (isPaused)
            actor.Tell(new PauseReading());
        actor.Tell(new Send(new byte[] { 1 }));
        _ = await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound); // the actor is at work

        await handler.StopAsync();

        await actor.Completion.WaitAsync(s_bound);
        Assert.That(await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound), Is.Zero);
    }

    [Test]
    public async Task Handler_ThatStopsAfterThePeersEnd_EndsTheConnection()
    {
        var ended = Signal.NewSource<bool>();
        var handler = _system.Spawn<ConnectionEvent>(message => ended.TrySetResult(message is PeerEnded));
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler);
        client.EndWriting();
        Assert.That(await ended.Task.WaitAsync(s_bound), Is.True);

        await handler.StopAsync();

        await actor.Completion.WaitAsync(s_bound);
        Assert.That(await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound), Is.Zero);
    }

    [Test]
    public async Task Handler_WhoseFullMailboxRejects_LosesItsConnection()
    {
        var gate = Signal.NewSource<bool>();
        var handler = _system.Spawn<ConnectionEvent>(
            async message =>
            {
                await gate.Task;
                (message as Received)?.Dispose();
            },
            options: new ActorOptions { Mailbox = MailboxOptions.Bounded(1, MailboxFullMode.Reject) });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler, new ConnectionActorOptions { ReadBytes = 1 });

        await client.WriteAsync("abcdefgh"u8.ToArray());

        await actor.Completion.WaitAsync(s_bound);
        gate.SetResult(true);
        await handler.StopAsync();
    }

    [Test]
    public async Task Handler_ThatOutlivesItsConnections_HoldsNoneOfThem()
    {
        var handler = _system.Spawn<ConnectionEvent>(static message => (message as Received)?.Dispose());
        for (int round = 0; round < 3; round++)
        {
            await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
            var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler);
            await actor.StopAsync().WaitAsync(s_bound);
        }

        Assert.That(HandlerWatch.Of(handler).Count, Is.Zero);
    }

    [Test]
    public async Task Handler_ThatWaitsForItsConnectionWhenItStops_SeesItsEnd([Values] bool isPaused, [Values] bool isPeerTalking)
    {
        var connected = Signal.NewSource<ActorRef<ConnectionCommand>>();
        var handler = _system.Spawn(() => new WaitingHandler(connected.Task));
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        connected.SetResult(_system.SpawnConnection(await _listener.AcceptAsync(), handler, new ConnectionActorOptions { StartsPaused = isPaused }));

        var stopping = handler.StopAsync();
        if (isPeerTalking)
            await client.WriteAsync(new byte[1]);
        Assert.That(await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound), Is.Zero, "It ends its side.");
        client.EndWriting();

        await stopping.WaitAsync(s_bound);
    }

    [Test]
    public async Task Connection_WhoseSidesHaveBothEnded_Closes([Values] bool isPeerFirst)
    {
        var ended = Signal.NewSource<bool>();
        var closed = Signal.NewSource<Exception?>();
        var handler = _system.Spawn<ConnectionEvent>(message =>
        {
            if (message is PeerEnded)
                ended.TrySetResult(true);
            else if (message is Closed end)
                closed.TrySetResult(end.Failure);
        });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler);
        if (!isPeerFirst)
            actor.Tell(new EndWriting());
        client.EndWriting();
        await ended.Task.WaitAsync(s_bound);
        if (isPeerFirst)
        {
            Assert.That(actor.IsStopped, Is.False, "It may still send.");
            actor.Tell(new EndWriting());
        }

        await actor.Completion.WaitAsync(s_bound);
        Assert.That(await closed.Task.WaitAsync(s_bound), Is.Null);
    }

    [Test]
    public async Task Handler_ThatStopsWithEventsInItsMailbox_GivesTheirMemoryBack()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = _system.Spawn<ConnectionEvent>(async message =>
        {
            await gate.Task;
            (message as Received)?.Dispose();
        });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler, new ConnectionActorOptions { ReadBytes = 1 });
        await client.WriteAsync("abcd"u8.ToArray());
        while (_system.GetBuffers().GetStatistics().InUseBytes < 4 * 4096)
            await Task.Yield(); // one is being handled, the others are in the mailbox

        var stopping = handler.StopAsync(StopMode.Now);
        gate.SetResult();
        await stopping.WaitAsync(s_bound);
        await actor.StopAsync(StopMode.Now);

        using var bound = new CancellationTokenSource(s_bound);
        while (CountUnreturned() > 0)
        {
            Assert.That(bound.IsCancellationRequested, Is.False, "Memory of events that nobody will handle is still in use.");
            await Task.Yield();
        }
    }

    [Test]
    public async Task Connection_ThatAFullMailboxRefuses_StaysItsSenders()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        OwnedLetters.Watch(_system);
        var keeper = _system.Spawn<SocketConnection>(async connection =>
        {
            await gate.Task;
            connection.Dispose();
        }, options: new ActorOptions { Mailbox = MailboxOptions.Bounded(1) });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var accepted = await _listener.AcceptAsync();
        while (keeper.Tell(accepted) == TellStatus.Accepted)
            await Task.Yield(); // until it is full: the same one, since it is about the last

        await accepted.WriteAsync("a"u8.ToArray());
        Assert.That(await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound), Is.EqualTo(1), "What was refused is open.");
        gate.SetResult();
        await keeper.StopAsync();
    }

    [Test]
    public async Task Received_ThatWasGivenBack_CanBePrintedAndNotCopied()
    {
        var events = Channel.CreateUnbounded<ConnectionEvent>();
        var handler = _system.Spawn<ConnectionEvent>(message => events.Writer.TryWrite(message));
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        _system.SpawnConnection(await _listener.AcceptAsync(), handler);
        await client.WriteAsync("abc"u8.ToArray());
        var received = (Received)await events.Reader.ReadAsync().AsTask().WaitAsync(s_bound);
        Assert.That(received.ToString(), Does.Contain("3 bytes").And.Not.Contain("given back"));
        Assert.That(() => received with { }, Throws.InstanceOf<NotSupportedException>());

        received.Dispose();

        Assert.That(received.ToString(), Does.Contain("3 bytes").And.Contain("given back"));
        Assert.That(() => received.Bytes, Throws.InstanceOf<ObjectDisposedException>());
    }

    // Those that wait for their owner to take them back were returned.
    private int CountUnreturned()
    {
        var statistics = _system.GetBuffers().GetStatistics();
        return statistics.Sizes.Sum(static size => size.InUse) - statistics.ReturnsWaiting;
    }

    private sealed class WaitingHandler(Task<ActorRef<ConnectionCommand>> connection) : AsyncActor<ConnectionEvent>
    {
        protected override ValueTask ReceiveAsync(ConnectionEvent message) => default;

        protected override async ValueTask OnStoppingAsync()
        {
            var open = await connection;
            open.Tell(new EndWriting());
            await open.Completion;
        }
    }

    [Test]
    public async Task Actor_WhoseSystemStopsBeforeItsFirstTurn_ClosesItsConnectionWithoutAnError()
    {
        await using var test = TestSystem.WithOneDispatcher();
        using var peer = SocketListener.Bind(_system, new IPEndPoint(IPAddress.Loopback, 0));
        var closed = Signal.NewSource<Exception?>();
        var handler = _system.Spawn<ConnectionEvent>(message => closed.TrySetResult(((Closed)message).Failure));
        var connection = await SocketConnection.ConnectAsync(test.Actors, peer.LocalEndPoint);
        await using var other = await peer.AcceptAsync();

        var stopping = Signal.NewSource<Task>();
        test.Actors.Spawn<int>(_ =>
        {
            test.Actors.SpawnConnection(connection, handler); // the only dispatcher is here: its turn comes after this one
            var stop = test.Actors.StopAsync();
            SpinWait.SpinUntil(() => test.Actors.Coroutines.IsClosed);
            stopping.SetResult(stop);
        }).Tell(0);

        await Signal.Within(await Signal.Within(stopping.Task, "its beginning"), "the stop");
        Assert.That(await Signal.Within(closed.Task, "the end"), Is.Null);
        Assert.That(await other.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound), Is.Zero);
    }
}
