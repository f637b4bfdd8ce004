using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.IO.Tests.TestKit;

/// <summary>Connections for tests, and what goes over them.</summary>
internal static class Wire
{
    /// <summary>Any free port of this machine.</summary>
    public static IPEndPoint AnyPort => new(IPAddress.Loopback, 0);

    /// <summary>A name for a Unix socket that nobody uses.</summary>
    public static UnixDomainSocketEndPoint NewFile() => new(Path.Combine(Path.GetTempPath(), $"qi-{Guid.NewGuid():N}.sock"));

    /// <summary>Leaves a test out where Unix sockets are not served.</summary>
    public static void NeedUnixSockets()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("Unix sockets are not served on Windows.");
    }

    /// <summary>What the operating system says of a failure, as a sentence.</summary>
    public static string TextOf(SocketError error) => new SocketException((int)error).Message.TrimEnd('.') + ".";

    /// <summary>Where nobody can connect to, and is told so at once.</summary>
    public static EndPoint Nowhere => OperatingSystem.IsWindows() ? new IPEndPoint(IPAddress.Broadcast, 1) : NewFile();

    /// <summary>How many descriptors this process has. Linux.</summary>
    public static int DescriptorCount => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    /// <summary>Two ends of one connection, both of the runtime.</summary>
    public static async Task<(SocketConnection Client, SocketConnection Server)> PairAsync(
        ActorSystem system, EndPoint? local = null, SocketOptions? client = null, SocketOptions? server = null)
    {
        await using var listener = SocketListener.Bind(system, local ?? AnyPort, new ListenerOptions { Connections = server ?? new SocketOptions() });
        var accepted = listener.AcceptAsync().AsTask();
        var connected = await Signal.Within(SocketConnection.ConnectAsync(system, listener.LocalEndPoint, client), "a connection");
        return (connected, await Signal.Within(accepted, "an accept"));
    }

    /// <summary>One end of the runtime, and a plain socket of the framework that blocks at the other.</summary>
    public static async Task<(SocketConnection Ours, Socket Theirs)> PairWithStrangerAsync(ActorSystem system, SocketOptions? options = null)
    {
        await using var listener = SocketListener.Bind(system, AnyPort, new ListenerOptions { Connections = options ?? new SocketOptions() });
        var theirs = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        theirs.Connect(listener.LocalEndPoint);
        return (await Signal.Within(listener.AcceptAsync(), "an accept"), theirs);
    }

    /// <summary>Bytes that tell where they stand.</summary>
    public static byte[] Pattern(int length, int seed = 0)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
            bytes[i] = (byte)((i * 31) + (i >> 8) + seed);
        return bytes;
    }

    /// <summary>Reads until the buffer is full or the other end has ended. How much that is.</summary>
    public static async Task<int> ReadAllAsync(SocketConnection from, Memory<byte> buffer)
    {
        int read = 0;
        while (read < buffer.Length)
        {
            int count = await from.ReadAsync(buffer[read..]);
            if (count == 0)
                break;
            read += count;
        }

        return read;
    }

    /// <summary>Sends back what comes, until nothing does.</summary>
    public static async Coroutine EchoAsync(SocketConnection connection)
    {
        await using var _ = connection;
        byte[] buffer = new byte[4096];
        int count;
        while ((count = await connection.ReadAsync(buffer)) > 0)
            await connection.WriteAsync(buffer.AsMemory(0, count));
    }

    /// <summary>Accepts connections and echoes each in a coroutine of its own, until the listener is closed.</summary>
    public static async Coroutine ServeEchoAsync(SocketListener listener)
    {
        while (true)
        {
            SocketConnection connection;
            try
            {
                connection = await listener.AcceptAsync();
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            _ = Coroutine.Spawn(EchoAsync(connection));
        }
    }
}
