using System.Net;
using System.Net.Sockets;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>Listening and connecting, and what keeps one from it.</summary>
internal sealed class ConnectTests
{
    [Test]
    public async Task Connect_Pair_KnowsBothEnds()
    {
        await using var system = new TestSystem();
        var (client, server) = await Wire.PairAsync(system.Actors);
        await using var first = client;
        await using var second = server;
        Assert.Multiple(() =>
        {
            Assert.That(client.RemoteEndPoint, Is.EqualTo(server.LocalEndPoint));
            Assert.That(server.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
            Assert.That(server.ToString(), Is.EqualTo($"connection to {client.LocalEndPoint}"));
        });
    }

    // The listener's queue is full at first, so that the attempt has to wait: the kernel tries again after a second.
    [Test]
    public async Task Connect_WithATimeout_KeepsNoTimerOnceItIsOver()
    {
        await using var system = new TestSystem();
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var fill = await FillQueueAsync(full, system.Actors);
        var attempt = SocketConnection.ConnectAsync(system.Actors, full.LocalEndPoint!, new SocketOptions { ConnectTimeout = TimeSpan.FromHours(1) }).AsTask();
        Assert.That(() => system.Actors.Statistics.TimersWaiting, Is.Positive.After((int)Signal.Bound.TotalMilliseconds, 10));
        using var first = full.Accept();
        await using var connection = await Signal.Within(attempt);
        Assert.That(() => system.Actors.Statistics.TimersWaiting, Is.Zero.After((int)Signal.Bound.TotalMilliseconds, 10), "a timer keeps the connection alive");
        fill.ForEach(filling => filling.Dispose());
    }

    [Test]
    public async Task Connect_WhereNobodyListens_ThrowsIOExceptionWithTheEndpoint()
    {
        await using var system = new TestSystem();
        var gone = await ClosedPort(system.Actors);
        var failure = (await Assert.ThrowsAsync<IOException>(() => Signal.Within(SocketConnection.ConnectAsync(system.Actors, gone))))!;
        Assert.Multiple(() =>
        {
            Assert.That(failure.Message, Is.EqualTo($"Connecting to {gone} failed: {Wire.TextOf(SocketError.ConnectionRefused)}"));
            Assert.That(((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        });
    }

    [Test]
    public async Task Connect_ToWhatCannotBeReached_Throws()
    {
        await using var system = new TestSystem();
        var failure = (await Assert.ThrowsAsync<IOException>(
            () => Signal.Within(SocketConnection.ConnectAsync(system.Actors, new IPEndPoint(IPAddress.Broadcast, 80)))))!;
        Assert.That(((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.NetworkUnreachable).Or.EqualTo(SocketError.AccessDenied));
    }

    [Test]
    public async Task Connect_ThatGetsNoAnswer_EndsByTimeoutOrToken([Values] bool byToken)
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var fill = await FillQueueAsync(full, system.Actors);
        using var cancel = new CancellationTokenSource();
        var attempt = SocketConnection.ConnectAsync(system.Actors, full.LocalEndPoint!, new SocketOptions { ConnectTimeout = TimeSpan.FromSeconds(3) }, cancel.Token).AsTask();
        if (byToken)
        {
            await cancel.CancelAsync();
            Assert.That(() => Signal.Within(attempt), Throws.InstanceOf<OperationCanceledException>());
        }
        else
        {
            time.Advance(TimeSpan.FromSeconds(4));
            Assert.That(
                () => Signal.Within(attempt),
                Throws.InstanceOf<TimeoutException>().With.Message.StartWith($"Connecting to {full.LocalEndPoint} was not over after 00:00:03."));
        }

        fill.ForEach(connection => connection.Dispose());
    }

    [Test]
    public async Task Connect_ToSeveral_TakesTheFirstThatAnswers()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        EndPoint[] endPoints = [await ClosedPort(system.Actors), listener.LocalEndPoint, await ClosedPort(system.Actors)];
        await using var connection = await Signal.Within(SocketConnection.ConnectAsync(system.Actors, endPoints));
        Assert.That(connection.RemoteEndPoint, Is.EqualTo(listener.LocalEndPoint));
    }

    [Test]
    public async Task Connect_ToSeveralOfWhichNoneAnswers_NamesThemAll()
    {
        await using var system = new TestSystem();
        EndPoint[] gone = [await ClosedPort(system.Actors), await ClosedPort(system.Actors)];
        var failure = (await Assert.ThrowsAsync<IOException>(() => Signal.Within(SocketConnection.ConnectAsync(system.Actors, gone))))!;
        Assert.Multiple(() =>
        {
            Assert.That(failure.Message, Does.StartWith("None of 2 endpoints could be connected to:").And.Contain(gone[0].ToString()).And.Contain(gone[1].ToString()));
            Assert.That(((AggregateException)failure.InnerException!).InnerExceptions, Has.Count.EqualTo(2));
            Assert.That(() => SocketConnection.ConnectAsync(system.Actors, Array.Empty<EndPoint>()), Throws.ArgumentException);
        });
    }

    // The cancel comes when the connection is there and the coroutine has not had its turn yet, in one round of many.
    [Test]
    public async Task Connect_ToSeveral_CancelledAsItIsMade_LeavesNothingOpen()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        int open = system.Actors.Pool.Reactors.OpenCount;

        async Coroutine Connects() => (await SocketConnection.ConnectAsync(system.Actors, [listener.LocalEndPoint, listener.LocalEndPoint])).Dispose();

        for (int round = 0; round < 200; round++)
        {
            var connecting = system.Actors.Spawn(Connects);
            using var accepted = await Signal.Within(listener.AcceptAsync());
            connecting.Cancel();
            await Signal.Within(connecting.AsTask().ContinueWith(static _ => { }, TaskScheduler.Default));
        }

        Assert.That(() => system.Actors.Pool.Reactors.OpenCount, Is.EqualTo(open).After((int)Signal.Bound.TotalMilliseconds, 10));
    }

    [Test]
    public async Task Connect_ToAName_IsRefusedWithARemedy()
    {
        await using var system = new TestSystem();
        Assert.That(
            () => SocketConnection.ConnectAsync(system.Actors, new DnsEndPoint("localhost", 80)),
            Throws.ArgumentException.With.Message.Contains("for a name, SocketConnection.ConnectAsync"));
    }

    [Test]
    public async Task Unix_Pair_TransfersAndLeavesNoFile()
    {
        Wire.NeedUnixSockets();
        await using var system = new TestSystem();
        var file = Wire.NewFile();
        var (client, server) = await Wire.PairAsync(system.Actors, file);
        await using var first = client;
        await using var second = server;
        await Signal.Within(client.WriteAsync("unix"u8.ToArray()));
        byte[] buffer = new byte[4];
        await Signal.Within(Wire.ReadAllAsync(server, buffer));
        Assert.Multiple(() =>
        {
            Assert.That(buffer, Is.EqualTo("unix"u8.ToArray()));
            Assert.That(client.RemoteEndPoint.ToString(), Is.EqualTo(file.ToString()));
            Assert.That(server.ToString(), Does.StartWith("connection to "));
            Assert.That(File.Exists(file.ToString()), Is.False);
        });
    }

    [Test]
    public async Task Unix_CloseOfAListenerWhoseFileIsAnothers_LeavesThatOne()
    {
        Wire.NeedUnixSockets();
        await using var system = new TestSystem();
        var file = Wire.NewFile();
        var old = SocketListener.Bind(system.Actors, file);
        File.Delete(file.ToString());
        await using (SocketListener.Bind(system.Actors, file))
        {
            old.Dispose();
            Assert.That(() => system.Actors.Pool.Reactors.OpenCount, Is.EqualTo(1).After((int)Signal.Bound.TotalMilliseconds, 10));
            (await Signal.Within(SocketConnection.ConnectAsync(system.Actors, file))).Dispose();
        }

        Assert.That(() => File.Exists(file.ToString()), Is.False.After((int)Signal.Bound.TotalMilliseconds, 10));
    }

    [Test]
    public async Task Unix_ConnectWithoutAListener_Throws()
    {
        Wire.NeedUnixSockets();
        await using var system = new TestSystem();
        var file = Wire.NewFile();
        Assert.That(
            () => Signal.Within(SocketConnection.ConnectAsync(system.Actors, file)),
            Throws.InstanceOf<IOException>().With.Message.Contains(file.ToString()).And.InnerException.InstanceOf<SocketException>());
    }

    [Test]
    public async Task Unix_ConnectWhenTheQueueIsFull_IsRefused()
    {
        Wire.NeedUnixSockets();
        await using var system = new TestSystem();
        Assume.That(system.Actors.Pool.Reactors.Plan.Kind, Is.Not.EqualTo(ReactorKind.Uring), "io_uring waits until there is room");
        await using var listener = SocketListener.Bind(system.Actors, Wire.NewFile(), new ListenerOptions { Backlog = 1 });
        var open = new List<SocketConnection>();
        var failure = (await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (open.Count < 100)
                open.Add(await Signal.Within(SocketConnection.ConnectAsync(system.Actors, listener.LocalEndPoint)));
        }))!;
        open.ForEach(connection => connection.Dispose());
        Assert.That(((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
    }

    [Test]
    public async Task Bind_ToAnAddressInUse_ThrowsIOExceptionWithIt()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        Assert.That(
            () => SocketListener.Bind(system.Actors, listener.LocalEndPoint),
            Throws.InstanceOf<IOException>().With.Message.Contains($"Listening at {listener.LocalEndPoint} failed: {Wire.TextOf(SocketError.AddressAlreadyInUse)}"));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no such option.")]
    public async Task Bind_WithReusePort_IsPossibleTwice()
    {
        await using var system = new TestSystem();
        var options = new ListenerOptions { ReusePort = true };
        await using var first = SocketListener.Bind(system.Actors, Wire.AnyPort, options);
        await using var second = SocketListener.Bind(system.Actors, first.LocalEndPoint, options);
        var accepts = new[] { first.AcceptAsync().AsTask(), second.AcceptAsync().AsTask() };
        await using var client = await Signal.Within(SocketConnection.ConnectAsync(system.Actors, first.LocalEndPoint));
        var accepted = await Signal.Within(await Signal.Within(Task.WhenAny(accepts)));
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
        accepted.Dispose();
    }

    [Test]
    public async Task DualMode_Listener_TakesBothFamilies([Values] bool isDual)
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, new IPEndPoint(IPAddress.IPv6Any, 0), new ListenerOptions { DualMode = isDual });
        int port = ((IPEndPoint)listener.LocalEndPoint).Port;
        await using var six = await Signal.Within(SocketConnection.ConnectAsync(system.Actors, new IPEndPoint(IPAddress.IPv6Loopback, port)));
        (await Signal.Within(listener.AcceptAsync())).Dispose();
        var four = SocketConnection.ConnectAsync(system.Actors, new IPEndPoint(IPAddress.Loopback, port)).AsTask();
        if (!isDual)
        {
            Assert.That(() => Signal.Within(four), Throws.InstanceOf<IOException>());
            return;
        }

        await using var accepted = await Signal.Within(listener.AcceptAsync());
        (await Signal.Within(four)).Dispose();
        Assert.That(((IPEndPoint)accepted.RemoteEndPoint).Address.IsIPv4MappedToIPv6, Is.True);
    }

    [Test]
    public async Task Dispose_OfAListener_EndsItsAccept()
    {
        await using var system = new TestSystem();
        var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var accept = listener.AcceptAsync().AsTask();
        Assert.That(() => listener.AcceptAsync().AsTask(), Throws.InvalidOperationException);
        listener.Dispose();
        Assert.That(() => Signal.Within(accept), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains("Accepting at 127.0.0.1"));
    }

    private static async Task<EndPoint> ClosedPort(ActorSystem system)
    {
        await using var listener = SocketListener.Bind(system, Wire.AnyPort);
        return listener.LocalEndPoint;
    }

    // Listens, and connects as often as the kernel answers: the next attempt gets no answer until one of these is accepted.
    private static async Task<List<SocketConnection>> FillQueueAsync(Socket listener, ActorSystem system)
    {
        listener.Bind(Wire.AnyPort);
        listener.Listen(1);
        var fill = new List<SocketConnection>();
        while (fill.Count < 2)
            fill.Add(await Signal.Within(SocketConnection.ConnectAsync(system, listener.LocalEndPoint!)));
        return fill;
    }
}
