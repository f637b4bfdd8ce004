using System.Net.Sockets;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>How connections end, and what those are told who wait.</summary>
internal sealed class EndTests
{
    [Test]
    public async Task EndWriting_LeavesReadingOpen()
    {
        await using var system = new TestSystem();
        var (client, server) = await Wire.PairAsync(system.Actors);
        await using var first = client;
        await using var second = server;
        client.EndWriting();
        byte[] buffer = new byte[10];
        int atServer = await Signal.Within(server.ReadAsync(buffer));
        int again = await Signal.Within(server.ReadAsync(buffer));
        await Signal.Within(server.WriteAsync(new byte[] { 7 }));
        int atClient = await Signal.Within(client.ReadAsync(buffer));
        Assert.That((atServer, again, atClient, buffer[0]), Is.EqualTo((0, 0, 1, (byte)7)));
    }

    [Test]
    public async Task EndWriting_WithDataBeforeIt_DeliversTheDataFirst()
    {
        await using var system = new TestSystem();
        for (int round = 0; round < 200; round++)
        {
            var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
            await using var end = ours;
            var read = Wire.ReadAllAsync(ours, new byte[100]);
            theirs.Send(new byte[10]);
            theirs.Dispose();
            Assert.That(await Signal.Within(read), Is.EqualTo(10));
        }
    }

    [Test]
    public async Task Read_AfterAResetByThePeer_ThrowsIOExceptionWithTheEndpoint([Values] bool isWaiting)
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        string endPoint = theirs.LocalEndPoint!.ToString()!;
        var read = isWaiting ? ours.ReadAsync(new byte[10]).AsTask() : null;
        theirs.LingerState = new LingerOption(true, 0);
        theirs.Dispose();
        var failure = (await Assert.ThrowsAsync<IOException>(() => Signal.Within(read ?? ours.ReadAsync(new byte[10]).AsTask())))!;
        Assert.Multiple(() =>
        {
            Assert.That(failure.InnerException, Is.InstanceOf<SocketException>().With.Property("SocketErrorCode").EqualTo(SocketError.ConnectionReset));
            Assert.That(failure.Message, Does.Contain(endPoint).And.StartWith("Reading from"));
        });
    }

    [Test]
    public async Task Write_AfterAResetByThePeer_ThrowsIOExceptionWithTheEndpoint()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        string endPoint = theirs.LocalEndPoint!.ToString()!;
        var write = ours.WriteAsync(new byte[50_000_000]).AsTask();
        theirs.LingerState = new LingerOption(true, 0);
        theirs.Dispose();
        var failure = (await Assert.ThrowsAsync<IOException>(() => Signal.Within(write)))!;
        Assert.Multiple(() =>
        {
            Assert.That(failure.InnerException, Is.InstanceOf<SocketException>());
            Assert.That(failure.Message, Does.Contain(endPoint).And.StartWith("Writing to"));
            Assert.That(() => Signal.Within(ours.WriteAsync(new byte[1])), Throws.InstanceOf<IOException>());
        });
    }

    [Test]
    public async Task Dispose_WhileReadingAndWriting_EndsBoth()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        using var other = theirs;
        var read = ours.ReadAsync(new byte[10]).AsTask();
        var write = ours.WriteAsync(new byte[50_000_000]).AsTask();
        ours.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(() => Signal.Within(read), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains("Reading from 127.0.0.1"));
            Assert.That(() => Signal.Within(write), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains("Writing to 127.0.0.1"));
            Assert.That(() => Signal.Within(ours.ReadAsync(new byte[1])), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => Signal.Within(ours.WriteAsync(new byte[1])), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(ours.EndWriting, Throws.InstanceOf<ObjectDisposedException>());
        });
    }

    [Test]
    public async Task Dispose_WhileACoroutineReads_EndsItsWait()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        using var other = theirs;
        var isReading = Signal.NewSource();

        async Coroutine Reads()
        {
            var read = ours.ReadAsync(new byte[10]);
            isReading.SetResult();
            await read;
        }

        var reader = system.Actors.Spawn(Reads).AsTask();
        await Signal.Within(isReading.Task);
        ours.Dispose();
        Assert.That(() => Signal.Within(reader), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Read_WhileAnotherIsInProgress_IsRefused()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        var read = ours.ReadAsync(new byte[10]).AsTask();
        Assert.That(() => ours.ReadAsync(new byte[10]).AsTask(), Throws.InvalidOperationException.With.Message.Contains("Await each before the next: one read"));
        theirs.Send([5]);
        int count = await Signal.Within(read);
        theirs.Send([6]);
        byte[] next = new byte[10];
        int after = await Signal.Within(ours.ReadAsync(next));
        Assert.That((count, after, next[0]), Is.EqualTo((1, 1, (byte)6)));
    }

    [Test]
    public async Task Write_WhileAnotherIsInProgress_IsRefused()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        var write = ours.WriteAsync(new byte[50_000_000]).AsTask();
        Assert.That(() => ours.WriteAsync(new byte[1]).AsTask(), Throws.InvalidOperationException.With.Message.Contains("one write at a time"));
        ours.Dispose();
        Assert.That(() => Signal.Within(write), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    [Platform("Linux", Reason = "It counts descriptors.")]
    public async Task Stop_WithOpenConnections_EndsEverythingAndLeavesNoDescriptor()
    {
        await RoundOfStop(); // whatever the first one opens for good
        int before = Wire.DescriptorCount;
        for (int round = 0; round < 3; round++)
            await RoundOfStop();
        Assert.That(Wire.DescriptorCount, Is.LessThanOrEqualTo(before));
    }

    [Test]
    [Platform("Linux", Reason = "It counts descriptors.")]
    public async Task Stop_WhileOrdinaryCodeReadsAndWrites_EndsBoth()
    {
        var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        using var other = theirs;
        int before = Wire.DescriptorCount;
        var read = ours.ReadAsync(new byte[10]).AsTask();
        var write = ours.WriteAsync(new byte[50_000_000]).AsTask();
        await system.DisposeAsync();
        Assert.Multiple(() =>
        {
            Assert.That(() => Signal.Within(read, "the end of the read"), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => Signal.Within(write, "the end of the write"), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(Wire.DescriptorCount, Is.LessThan(before));
        });
    }

    [Test]
    public async Task Stop_WithAListenerWhoseDirectoryIsGone_ClosesEverything()
    {
        Wire.NeedUnixSockets();
        string directory = Directory.CreateTempSubdirectory("qi-").FullName;
        var system = new TestSystem();
        using var listener = SocketListener.Bind(system.Actors, new UnixDomainSocketEndPoint(Path.Combine(directory, "a.sock")));
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        using var other = theirs;
        var accept = listener.AcceptAsync().AsTask();
        var read = ours.ReadAsync(new byte[10]).AsTask();
        Directory.Delete(directory, recursive: true);
        await system.DisposeAsync();
        Assert.Multiple(() =>
        {
            Assert.That(() => Signal.Within(accept, "the end of the accept"), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => Signal.Within(read, "the end of the read"), Throws.InstanceOf<ObjectDisposedException>());
        });
    }

    [Test]
    public async Task Use_AfterTheSystemStopped_IsRefused()
    {
        var system = new TestSystem();
        var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        await system.DisposeAsync();
        Assert.Multiple(() =>
        {
            Assert.That(() => Signal.Within(listener.AcceptAsync()), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => SocketListener.Bind(system.Actors, Wire.AnyPort), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => SocketConnection.ConnectAsync(system.Actors, listener.LocalEndPoint).AsTask(), Throws.InstanceOf<ObjectDisposedException>());
        });
    }

    [Test]
    [Platform("Linux", Reason = "It counts descriptors.")]
    public async Task Churn_OfConnections_LeavesNoDescriptor()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var server = system.Actors.Spawn(() => Wire.ServeEchoAsync(listener));

        async Coroutine Client(int rounds)
        {
            byte[] buffer = new byte[1];
            for (int i = 0; i < rounds; i++)
            {
                await using var connection = await SocketConnection.ConnectAsync(system.Actors, listener.LocalEndPoint);
                await connection.WriteAsync(buffer);
                if (await connection.ReadAsync(buffer) != 1)
                    throw new InvalidOperationException("The echo has ended early.");
            }
        }

        await Signal.Within(system.Actors.Spawn(() => Client(20)).AsTask());
        int before = Wire.DescriptorCount;
        await Signal.Within(Task.WhenAll(Enumerable.Range(0, 4).Select(_ => system.Actors.Spawn(() => Client(250)).AsTask())));
        listener.Dispose();
        await Signal.Within(server.AsTask());
        await system.Actors.StopAsync(StopMode.Now);
        Assert.That(Wire.DescriptorCount, Is.LessThanOrEqualTo(before));
    }

    private static async Task RoundOfStop()
    {
        await using var system = new TestSystem();
        var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var server = system.Actors.Spawn(() => Wire.ServeEchoAsync(listener)).AsTask();
        var pending = new List<Task>();
        for (int i = 0; i < 10; i++)
        {
            var connection = await Signal.Within(SocketConnection.ConnectAsync(system.Actors, listener.LocalEndPoint));
            pending.Add(connection.ReadAsync(new byte[10]).AsTask());
        }

        await Signal.Within(system.Actors.StopAsync(StopMode.Now, Signal.Bound));
        foreach (var read in pending)
            await Signal.Within(read.ContinueWith(static _ => { }, TaskScheduler.Default), "the end of a read"); // by the close of either end
        await Signal.Within(server.ContinueWith(static _ => { }, TaskScheduler.Default));
    }
}
