using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>Bytes arrive whole and in order.</summary>
internal sealed class EchoTests
{
    [Test]
    public async Task Echo_ByCoroutines_ReturnsWhatWasSent()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var server = system.Actors.Spawn(() => Wire.ServeEchoAsync(listener));

        async Coroutine<byte[]> Client()
        {
            await using var connection = await SocketConnection.ConnectAsync(system.Actors, listener.LocalEndPoint);
            await connection.WriteAsync("hello"u8.ToArray());
            byte[] answer = new byte[5];
            for (int read = 0; read < answer.Length;)
                read += await connection.ReadAsync(answer.AsMemory(read));
            return answer;
        }

        byte[] received = await Signal.Within(system.Actors.Spawn(Client).AsTask());
        listener.Dispose();
        await Signal.Within(server.AsTask());
        Assert.That(received, Is.EqualTo("hello"u8.ToArray()));
    }

    [Test]
    public async Task Echo_ByPlainAsyncCode_ReturnsWhatWasSent()
    {
        await using var system = new TestSystem();
        var (client, server) = await Wire.PairAsync(system.Actors);
        await using var ends = client;
        await using var end = server;
        var echo = Task.Run(async () =>
        {
            byte[] buffer = new byte[16];
            int count;
            while ((count = await server.ReadAsync(buffer)) > 0)
                await server.WriteAsync(buffer.AsMemory(0, count));
        });

        byte[] sent = Wire.Pattern(1000);
        byte[] received = new byte[1000];
        await Signal.Within(client.WriteAsync(sent));
        int count = await Signal.Within(Wire.ReadAllAsync(client, received));
        client.EndWriting();
        await Signal.Within(echo);
        Assert.Multiple(() =>
        {
            Assert.That(count, Is.EqualTo(1000));
            Assert.That(received, Is.EqualTo(sent));
        });
    }

    [Test]
    public async Task Echo_OverManyConnections_KeepsThemApart()
    {
        const int Connections = 200;
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var server = system.Actors.Spawn(() => Wire.ServeEchoAsync(listener));

        async Coroutine<bool> Client(int number)
        {
            await using var connection = await SocketConnection.ConnectAsync(system.Actors, listener.LocalEndPoint);
            byte[] sent = Wire.Pattern(300, number);
            byte[] received = new byte[300];
            for (int round = 0; round < 5; round++)
            {
                await connection.WriteAsync(sent);
                for (int read = 0; read < received.Length;)
                    read += await connection.ReadAsync(received.AsMemory(read));
                if (!sent.AsSpan().SequenceEqual(received))
                    return false;
            }

            return true;
        }

        var clients = Enumerable.Range(0, Connections).Select(number => system.Actors.Spawn(() => Client(number)).AsTask()).ToArray();
        bool[] results = await Signal.Within(Task.WhenAll(clients));
        listener.Dispose();
        await Signal.Within(server.AsTask());
        Assert.That(results, Has.All.True);
    }

    [Test]
    public async Task Transfer_OfTenMegabytesBothWays_ArrivesWhole([Values] bool isUnix)
    {
        const int Length = 10 * 1024 * 1024;
        if (isUnix)
            Wire.NeedUnixSockets();
        await using var system = new TestSystem();
        var small = new SocketOptions { SendBufferBytes = 16 * 1024, ReceiveBufferBytes = 16 * 1024 };
        var (client, server) = await Wire.PairAsync(system.Actors, isUnix ? Wire.NewFile() : null, small, small);
        await using var first = client;
        await using var second = server;

        async Coroutine<byte[]> Both(SocketConnection connection, int seed)
        {
            var write = Coroutine.Spawn(Write(connection, seed));
            byte[] received = new byte[Length];
            int read = 0;
            for (int count; (count = await connection.ReadAsync(received.AsMemory(read, Math.Min(100_000, Length - read)))) > 0;)
                read += count;
            await write;
            return received[..read];
        }

        var fromServer = system.Actors.Spawn(() => Both(client, 1)).AsTask();
        var fromClient = system.Actors.Spawn(() => Both(server, 2)).AsTask();
        byte[] atClient = await Signal.Within(fromServer);
        byte[] atServer = await Signal.Within(fromClient);
        Assert.Multiple(() =>
        {
            Assert.That(atClient.AsSpan().SequenceEqual(Wire.Pattern(Length, 2)), Is.True);
            Assert.That(atServer.AsSpan().SequenceEqual(Wire.Pattern(Length, 1)), Is.True);
        });
    }

    [Test]
    public async Task Read_IntoAnEmptyBuffer_WaitsUntilThereIsSomething()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        var wait = ours.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.That(wait.IsCompleted, Is.False);
        theirs.Send([1, 2, 3]);
        int count = await Signal.Within(wait);
        byte[] received = new byte[3];
        int read = await Signal.Within(Wire.ReadAllAsync(ours, received));
        Assert.That((count, read, received[2]), Is.EqualTo((0, 3, (byte)3)));
    }

    [Test]
    public async Task Read_AroundUrgentData_GetsWhatFollows()
    {
        await using var system = new TestSystem();
        for (int round = 0; round < 50; round++)
        {
            var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
            await using var end = ours;
            using var other = theirs;
            theirs.Send("ab"u8);
            theirs.Send("!"u8, System.Net.Sockets.SocketFlags.OutOfBand);
            theirs.Send("cd"u8);
            byte[] received = new byte[100];
            int read = 0;
            while (read < 4)
                read += await Signal.Within(ours.ReadAsync(received.AsMemory(read)));
            Assert.That(received[..4], Is.EqualTo("abcd"u8.ToArray()));
        }
    }

    private static async Coroutine Write(SocketConnection connection, int seed)
    {
        await connection.WriteAsync(Wire.Pattern(10 * 1024 * 1024, seed));
        connection.EndWriting();
    }

}
