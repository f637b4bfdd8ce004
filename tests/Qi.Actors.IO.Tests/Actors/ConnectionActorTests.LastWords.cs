namespace Qi.Actors.IO.Tests.Actors;

internal sealed partial class ConnectionActorTests
{
    [Test]
    public async Task Handler_ThatStops_HasItsLastWordsSent()
    {
        const int Count = 200;
        byte[] piece = new byte[64 * 1024];
        var handler = _system.Spawn<ConnectionEvent>(static _ => { });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler, new ConnectionActorOptions { CloseTimeout = s_bound });
        for (int index = 0; index < Count; index++)
            actor.Tell(new Send(piece)); // more than the system's buffers take

        await handler.StopAsync();

        long arrived = 0;
        byte[] buffer = new byte[1 << 20];
        int read;
        while ((read = await client.ReadAsync(buffer).AsTask().WaitAsync(s_bound)) > 0)
            arrived += read;
        Assert.That(arrived, Is.EqualTo((long)Count * piece.Length));
    }

    // One event is being handled, one is in the mailbox, and the reader waits with a third when the handler is told to stop.
    [Test]
    public async Task Handler_ThatStopsWithAFullMailbox_HasItsAnswersSent()
    {
        var gate = Signal.NewSource<bool>();
        var isHandling = Signal.NewSource<bool>();
        var handler = _system.Spawn<ConnectionEvent>(
            async message =>
            {
                isHandling.TrySetResult(true);
                await gate.Task;
                if (message is not Received received)
                    return;
                using (received)
                    received.Connection.Tell(new Send(received.Bytes.ToArray()));
            },
            options: new ActorOptions { Mailbox = MailboxOptions.Bounded(1) });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler, new ConnectionActorOptions { ReadBytes = 1 });
        await client.WriteAsync("abcdefgh"u8.ToArray());
        await isHandling.Task.WaitAsync(s_bound);
        Assert.That(() => handler.MailboxCount, Is.EqualTo(1).After((int)s_bound.TotalMilliseconds, 1));

        var stopping = handler.StopAsync();
        Assert.That(() => handler.IsClosed, Is.True.After((int)s_bound.TotalMilliseconds, 1));
        gate.SetResult(true);
        await stopping.WaitAsync(s_bound);

        Assert.That(await ReadToEndAsync(client), Is.EqualTo("ab"u8.ToArray()));
        client.Dispose();
        await actor.Completion.WaitAsync(s_bound);
    }

    // Without the wait for the other end the system would reset the connection, with most of the bytes still to be sent.
    [Test]
    public async Task Connection_ThatIsClosedBesideUnreadInput_HasItsLastWordsSent([Values] bool byMessage)
    {
        byte[] words = new byte[4 << 20];
        var handler = _system.Spawn<ConnectionEvent>(static message => (message as Received)?.Dispose());
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        await client.WriteAsync(new byte[1000]);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler, new ConnectionActorOptions { StartsPaused = true, CloseTimeout = s_bound });
        actor.Tell(new Send(words));
        if (byMessage)
            actor.Tell(new CloseConnection());
        else
            _ = handler.StopAsync();

        Assert.That(await ReadToEndAsync(client), Has.Length.EqualTo(words.Length));
        await client.WriteAsync(new byte[1000]);
        client.Dispose();
        await actor.Completion.WaitAsync(s_bound);
    }

    [Test]
    public async Task Peer_ThatNeverEnds_IsWaitedForUntilCloseTimeoutOrAStopNow([Values] bool byStop, [Values] bool byMessage)
    {
        var handler = _system.Spawn<ConnectionEvent>(static _ => { });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        await client.WriteAsync(new byte[1000]);
        var timeout = byStop ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(50);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler, new ConnectionActorOptions { StartsPaused = true, CloseTimeout = timeout });

        if (byMessage)
            actor.Tell(new CloseConnection());
        else
            _ = actor.StopAsync();
        Assert.That(await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound), Is.Zero, "Its own side ends first.");
        if (byStop)
        {
            Assert.That(actor.IsStopped, Is.False);
            await actor.StopAsync(StopMode.Now).WaitAsync(s_bound);
        }

        await actor.Completion.WaitAsync(s_bound);
    }

    // However fast the input comes, the stop is seen.
    [Test]
    public async Task Peer_ThatFloods_IsDroppedAtAStopNow()
    {
        var handler = _system.Spawn<ConnectionEvent>(static _ => { });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        await client.WriteAsync(new byte[1000]);
        var actor = _system.SpawnConnection(
            await _listener.AcceptAsync(), handler, new ConnectionActorOptions { StartsPaused = true, CloseTimeout = Timeout.InfiniteTimeSpan });
        var flood = Task.Run(async () =>
        {
            byte[] much = new byte[1 << 20];
            while (true)
                await client.WriteAsync(much);
        });
        actor.Tell(new CloseConnection());
        Assert.That(await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound), Is.Zero, "Its own side ends first.");

        await actor.StopAsync(StopMode.Now).WaitAsync(s_bound);

        Assert.That(async () => await flood.WaitAsync(s_bound), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task Peer_ThatTakesNothing_KeepsNoConnectionOpen([Values] bool isHandlerStopped)
    {
        var closed = Signal.NewSource<Exception?>();
        var handler = _system.Spawn<ConnectionEvent>(message => closed.TrySetResult((message as Closed)?.Failure));
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var connection = await _listener.AcceptAsync();
        var actor = _system.SpawnConnection(connection, handler, new ConnectionActorOptions { CloseTimeout = TimeSpan.FromMilliseconds(1) });
        actor.Tell(new Send(new byte[64 << 20]));
        _ = await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound); // it is being sent

        if (isHandlerStopped)
            await handler.StopAsync();
        else
            await actor.StopAsync(StopMode.Now).WaitAsync(s_bound);

        await actor.Completion.WaitAsync(s_bound);
        if (!isHandlerStopped)
            Assert.That(await closed.Task.WaitAsync(s_bound), Is.Null);
    }

    private static async Task<byte[]> ReadToEndAsync(SocketConnection connection)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        int read;
        while ((read = await connection.ReadAsync(buffer).AsTask().WaitAsync(s_bound)) > 0)
            all.Write(buffer, 0, read);
        return all.ToArray();
    }
}
