using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Qi.Actors.IO.Tests.Actors;

/// <summary>Connections that are driven by messages.</summary>
internal sealed partial class ConnectionActorTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    private TestSystem _test = null!;
    private ActorSystem _system = null!;
    private SocketListener _listener = null!;

    [SetUp]
    public void Start()
    {
        _test = new TestSystem();
        _system = _test.Actors;
        _listener = SocketListener.Bind(_system, new IPEndPoint(IPAddress.Loopback, 0));
    }

    [TearDown]
    public async Task Stop()
    {
        _listener.Dispose();
        await _test.DisposeAsync();
    }

    [Test]
    public async Task Events_OfAnEcho_ArriveInOrder()
    {
        var seen = Channel.CreateUnbounded<string>();
        var echo = _system.Spawn<ConnectionEvent>(message =>
        {
            switch (message)
            {
                case Received received:
                    using (received)
                    {
                        seen.Writer.TryWrite(Encoding.UTF8.GetString(received.Bytes.Span));
                        received.Connection.Tell(new Send(received.Bytes.ToArray()));
                    }

                    break;
                case PeerEnded:
                    seen.Writer.TryWrite("ended");
                    message.Connection.Tell(new Send(Encoding.UTF8.GetBytes("bye")));
                    message.Connection.Tell(new CloseConnection());
                    break;
                case Closed closed:
                    seen.Writer.TryWrite(closed.Failure is null ? "closed" : closed.Failure.Message);
                    break;
            }
        });
        var acceptor = _system.Spawn<SocketConnection>(connection => _system.SpawnConnection(connection, echo));
        _ = _listener.AcceptInto(acceptor);

        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        await client.WriteAsync(Encoding.UTF8.GetBytes("hello"));
        byte[] buffer = new byte[64];
        int count = await client.ReadAsync(buffer).AsTask().WaitAsync(s_bound);
        client.EndWriting();
        int last = await client.ReadAsync(buffer.AsMemory(count)).AsTask().WaitAsync(s_bound);

        Assert.That(Encoding.UTF8.GetString(buffer, 0, count + last), Is.EqualTo("hellobye"));
        Assert.That(await client.ReadAsync(buffer).AsTask().WaitAsync(s_bound), Is.Zero);
        Assert.That(await TakeAsync(seen, 3), Is.EqualTo((string[])["hello", "ended", "closed"]));
    }

    [Test]
    public async Task Reading_WhilePaused_TakesNothing()
    {
        var arrived = Channel.CreateUnbounded<ConnectionEvent>();
        var handler = _system.Spawn<ConnectionEvent>(message => arrived.Writer.TryWrite(message));
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var connection = await _listener.AcceptAsync();
        var actor = _system.SpawnConnection(connection, handler, new ConnectionActorOptions { StartsPaused = true });
        await client.WriteAsync(new byte[] { 1 });
        actor.Tell(new Send(new byte[] { 2 }));
        _ = await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound); // the actor is at work, and has not read

        Assert.That(arrived.Reader.Count, Is.Zero);
        actor.Tell(new ResumeReading());
        using var received = (Received)await arrived.Reader.ReadAsync().AsTask().WaitAsync(s_bound);
        Assert.That(received.Bytes.ToArray(), Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public async Task Connection_ThatIsPaused_ClosesWhenItsHandlerStops([Values] bool isStoppedBefore)
    {
        var handler = _system.Spawn<ConnectionEvent>(static _ => { });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var connection = await _listener.AcceptAsync();
        if (isStoppedBefore)
            await handler.StopAsync();
        var actor = _system.SpawnConnection(connection, handler, new ConnectionActorOptions { StartsPaused = true });
        if (!isStoppedBefore)
            await handler.StopAsync();

        await actor.Completion.WaitAsync(s_bound);
        Assert.That(await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound), Is.Zero);
    }

    [Test]
    public async Task Reading_PausedWhileItWaits_KeepsWhatComesUntilItIsResumed()
    {
        var arrived = Channel.CreateUnbounded<ConnectionEvent>();
        var handler = _system.Spawn<ConnectionEvent>(message => arrived.Writer.TryWrite(message));
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler);
        await client.WriteAsync(new byte[] { 1 });
        using (var first = (Received)await arrived.Reader.ReadAsync().AsTask().WaitAsync(s_bound))
            Assert.That(first.Bytes.ToArray(), Is.EqualTo(new byte[] { 1 }));

        actor.Tell(new PauseReading());
        actor.Tell(new Send(new byte[] { 3 }));
        _ = await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound); // the pause was heard
        for (int i = 0; i < 20; i++)
        {
            await client.WriteAsync(new byte[] { 2 });
            actor.Tell(new Send(new byte[] { 3 }));
            _ = await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound);
        }

        Assert.That(arrived.Reader.Count, Is.Zero);
        actor.Tell(new ResumeReading());
        int count = 0;
        while (count < 20)
        {
            using var received = (Received)await arrived.Reader.ReadAsync().AsTask().WaitAsync(s_bound);
            Assert.That(received.Bytes.ToArray(), Is.All.EqualTo((byte)2));
            count += received.Bytes.Length;
        }

        Assert.That(count, Is.EqualTo(20));
    }

    [Test]
    public async Task Actor_ThatIsStoppedWithSomethingReadInAPause_GivesTheMemoryBack()
    {
        var pool = _system.GetBuffers();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = _system.Spawn<ConnectionEvent>(message =>
        {
            (message as IDisposable)?.Dispose();
            if (message is Closed)
                closed.TrySetResult();
        });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var actor = _system.SpawnConnection(await _listener.AcceptAsync(), handler, new ConnectionActorOptions { CloseTimeout = TimeSpan.Zero });
        actor.Tell(new PauseReading());
        for (int i = 0; i < 10; i++)
        {
            await client.WriteAsync(new byte[] { 1 });
            actor.Tell(new Send(new byte[] { 2 }));
            _ = await client.ReadAsync(new byte[1]).AsTask().WaitAsync(s_bound);
        }

        await actor.StopAsync();
        await closed.Task.WaitAsync(s_bound);
        await client.DisposeAsync();
        await _test.DisposeAsync();
        Assert.That(pool.GetStatistics().InUseBytes, Is.Zero);
    }

    [Test]
    public async Task Echo_WhenMemoryIsScarce_GoesOnWithoutBuffersInAdvance()
    {
        const int Connections = 8;
        await using var test = new TestSystem(new QiActorsOptions { WorkerThreads = 1, BlockedTurnThreshold = TimeSpan.FromSeconds(10), MemoryLimit = 1 << 20 });
        using var listener = SocketListener.Bind(test.Actors, new IPEndPoint(IPAddress.Loopback, 0));
        var pool = test.Actors.GetBuffers();
        var rented = Enumerable.Range(0, 8).Select(_ => pool.Rent(65_536)).ToArray(); // two of the four chunks: half
        var echo = test.Actors.Spawn<ConnectionEvent>(message =>
        {
            if (message is not Received received)
                return;
            received.Connection.Tell(new Send(received.Bytes.ToArray()));
            received.Dispose();
        });
        var acceptor = test.Actors.Spawn<SocketConnection>(connection => test.Actors.SpawnConnection(connection, echo));
        _ = listener.AcceptInto(acceptor);
        var clients = new SocketConnection[Connections];
        for (int i = 0; i < Connections; i++)
            clients[i] = await SocketConnection.ConnectAsync(_system, listener.LocalEndPoint);
        for (int round = 0; round < 5; round++)
        {
            foreach (var client in clients)
                await client.WriteAsync(new byte[] { (byte)round });
            byte[] answer = new byte[1];
            foreach (var client in clients)
            {
                Assert.That(await client.ReadAsync(answer).AsTask().WaitAsync(s_bound), Is.EqualTo(1));
                Assert.That(answer[0], Is.EqualTo(round));
            }
        }

        foreach (var client in clients)
            client.Dispose();
        foreach (var buffer in rented)
            buffer.Dispose();
    }

    [Test]
    public async Task Reading_WhenTheHandlersMailboxIsFull_Waits()
    {
        const int Bytes = 8 << 20;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int pieces = 0;
        long bytes = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = _system.Spawn<ConnectionEvent>(
            async message =>
            {
                await gate.Task;
                if (message is not Received received)
                    return;
                using (received)
                {
                    pieces++;
                    bytes += received.Bytes.Length;
                }

                if (bytes == Bytes)
                    done.SetResult();
            },
            options: new ActorOptions { Mailbox = MailboxOptions.Bounded(2) });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        _ = _system.SpawnConnection(await _listener.AcceptAsync(), handler);
        var writing = client.WriteAsync(new byte[Bytes]).AsTask();

        long held = _system.GetBuffers().GetStatistics().HeldBytes;
        Assert.That(held, Is.LessThan(Bytes / 4), "What nobody takes is not read.");
        Assert.That(writing.IsCompleted, Is.False, "The other end is held up.");
        gate.SetResult();
        await writing.WaitAsync(s_bound);
        await done.Task.WaitAsync(s_bound);
        Assert.That(pieces, Is.GreaterThanOrEqualTo(Bytes / 65_536));
    }

    [Test]
    public async Task Options_OutOfRange_AreNamed()
    {
        var handler = _system.Spawn<ConnectionEvent>(static _ => { });
        await using var client = await SocketConnection.ConnectAsync(_system, _listener.LocalEndPoint);
        var refused = new (ConnectionActorOptions Options, string Words)[]
        {
            (new() { ReadBytes = 0 }, "ReadBytes is 0. Allowed: 1 to 65,536 bytes."),
            (new() { CloseTimeout = TimeSpan.FromSeconds(-1) }, "CloseTimeout is -00:00:01."),
            (new() { Commands = new ActorOptions { IsReentrant = true } }, "Commands.IsReentrant is True. Allowed: false"),
        };

        foreach (var (options, words) in refused)
            Assert.That(() => _system.SpawnConnection(client, handler, options), Throws.ArgumentException.With.Message.Contains(words));
    }

    private static async Task<string[]> TakeAsync(Channel<string> channel, int count)
    {
        var taken = new List<string>();
        while (taken.Count < count)
            taken.Add(await channel.Reader.ReadAsync().AsTask().WaitAsync(s_bound));
        return [.. taken];
    }
}
