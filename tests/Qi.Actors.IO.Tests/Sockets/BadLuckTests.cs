using System.Net;
using System.Net.Sockets;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>Peers that are slow or gone, and values that cannot be meant.</summary>
internal sealed class BadLuckTests
{
    private const int ChunkBytes = 64 * 1024;

    [Test]
    public async Task Write_ToAReaderThatIsSlow_WaitsAndLosesNothing()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors, new SocketOptions { SendBufferBytes = 32 * 1024 });
        await using var end = ours;
        using var other = theirs;
        other.ReceiveBufferSize = 32 * 1024;
        int written = 0;
        const int Chunks = 500;

        async Coroutine Writes()
        {
            for (int i = 0; i < Chunks; i++)
            {
                await ours.WriteAsync(Wire.Pattern(ChunkBytes, i));
                Volatile.Write(ref written, i + 1);
            }

            ours.EndWriting();
        }

        var writer = system.Actors.Spawn(Writes).AsTask();
        byte[] buffer = new byte[ChunkBytes];
        await Signal.Within(Task.Run(() => ReadExactly(other, buffer.AsSpan(0, 1))), "the first byte");
        for (int i = 0; i < Chunks; i++)
        {
            await Signal.Within(Task.Run(() => ReadExactly(other, buffer.AsSpan(i == 0 ? 1 : 0))), "a chunk");
            int ahead = Volatile.Read(ref written) - i;
            Assert.That(ahead, Is.LessThan(Chunks / 4), "What is not read must not pile up: the writer waits.");
            Assert.That(buffer.AsSpan(1).SequenceEqual(Wire.Pattern(ChunkBytes, i).AsSpan(1)), Is.True, $"Chunk {i} is another.");
        }

        await Signal.Within(writer, "the writer");
        Assert.That(other.Receive(buffer), Is.Zero);
    }

    [Test]
    public async Task HalfOpenPeer_IsNoticedByTheDeadlineAndTheConnectionClosed()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        using var silent = theirs;
        int open = system.Actors.Pool.Reactors.OpenCount;

        async Coroutine Serve()
        {
            await using var connection = ours;
            while (await connection.ReadAsync(new byte[10], TimeSpan.FromMilliseconds(20)) > 0)
            {
                // It has said something.
            }
        }

        Assert.That(() => Signal.Within(system.Actors.Spawn(Serve).AsTask()), Throws.InstanceOf<TimeoutException>().With.Message.Contains(silent.LocalEndPoint!.ToString()!));
        Assert.That(system.Actors.Pool.Reactors.OpenCount, Is.EqualTo(open - 1));
        Assert.That(await Signal.Within(silent.ReceiveAsync(new byte[1], SocketFlags.None)), Is.Zero);
    }

    [Test]
    public async Task Connect_ToAPortThatThereIsNot_NamesIt([Values(0, -1, 65_536)] int port)
    {
        await using var system = new TestSystem();
        Assert.That(
            () => SocketConnection.ConnectAsync(system.Actors, "localhost", port).AsTask(),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains($"port {port}"));
        if (port == 0)
            Assert.That(() => Signal.Within(SocketConnection.ConnectAsync(system.Actors, new IPEndPoint(IPAddress.Loopback, port))), Throws.InstanceOf<IOException>().With.Message.Contains("127.0.0.1:0"));
    }

    [Test]
    public async Task Bind_InAFolderThatThereIsNot_NamesTheFile()
    {
        await using var system = new TestSystem();
        using var folder = new Folder();
        Assert.That(
            () => SocketListener.Bind(system.Actors, new UnixDomainSocketEndPoint(folder["none/a.sock"])),
            Throws.InstanceOf<IOException>().With.Message.Contains(folder["none/a.sock"]));
    }

    private static void ReadExactly(Socket from, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int count = from.Receive(buffer);
            Assert.That(count, Is.Positive, "It has ended early.");
            buffer = buffer[count..];
        }
    }
}
