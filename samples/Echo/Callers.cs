using System.Net;

using Qi.Actors;
using Qi.Actors.IO;

namespace Echo;

/// <summary>Says something, and checks that it comes back.</summary>
internal static class Callers
{
    private const int Times = 1000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Over a connection. Returns how many messages came back as they were.</summary>
    public static async Coroutine<int> CallAsync(ActorSystem system, EndPoint server)
    {
        using var connection = await SocketConnection.ConnectAsync(system, server);
        byte[] reply = new byte[100];
        int right = 0;
        for (int i = 0; i < Times; i++)
        {
            byte[] message = [.. Enumerable.Range(i, reply.Length).Select(number => (byte)number)];
            await connection.WriteAsync(message);
            int length = 0;
            while (length < reply.Length && await connection.ReadAsync(reply.AsMemory(length), s_patience) is > 0 and var count)
                length += count;
            right += reply.AsSpan(0, length).SequenceEqual(message) ? 1 : 0;
        }

        return right;
    }

    /// <summary>With datagrams, the next one when the last has come back.</summary>
    public static async Coroutine<int> CallWithDatagramsAsync(ActorSystem system, IPEndPoint server)
    {
        using var socket = DatagramSocket.Bind(system, new IPEndPoint(IPAddress.Loopback, 0));
        socket.Connect(server);
        byte[] reply = new byte[100];
        int right = 0;
        for (int i = 0; i < Times; i++)
        {
            byte[] message = [.. Enumerable.Range(i, reply.Length).Select(number => (byte)number)];
            await socket.SendAsync(message);
            var datagram = await socket.ReceiveFromAsync(reply);
            right += reply.AsSpan(0, datagram.Count).SequenceEqual(message) ? 1 : 0;
        }

        return right;
    }

    /// <summary>Calls all three, and tells. True if all is right.</summary>
    public static async Coroutine<bool> CheckAsync(ActorSystem system, EndPoint tcp, EndPoint unix, IPEndPoint udp)
    {
        int[] right = await Coroutine.Timeout(
            Coroutine.All(CallAsync(system, tcp), CallAsync(system, unix), CallWithDatagramsAsync(system, udp)), s_patience);
        Console.WriteLine($"Of {Times} messages each came back over TCP {right[0]}, over the Unix socket {right[1]}, over UDP {right[2]}.");
        return right.All(count => count == Times);
    }
}
