// The front page of Qi.Actors.IO: sockets are awaited, each connection is a coroutine, and a coroutine that waits costs about a hundred bytes and no thread.

using System.Net;

using Qi.Actors;
using Qi.Actors.IO;

namespace Echo;

/// <summary>Sends back what comes.</summary>
internal static class Echoes
{
    private const int BufferBytes = 4096;
    private const int LargestDatagramBytes = 65_527;

    /// <summary>TCP and Unix sockets: all connections of a listener, until it is closed.</summary>
    public static async Coroutine ServeAsync(ActorSystem system, SocketListener listener)
    {
        try
        {
            while (true)
                _ = system.Spawn(ServeAsync(await listener.AcceptAsync()));
        }
        catch (ObjectDisposedException)
        {
            // The program ends.
        }
    }

    /// <summary>UDP: each datagram to its sender, until the socket is closed.</summary>
    public static async Coroutine ServeAsync(DatagramSocket socket)
    {
        byte[] buffer = new byte[LargestDatagramBytes];
        try
        {
            while (true)
            {
                var datagram = await socket.ReceiveFromAsync(buffer);
                await socket.SendToAsync(buffer.AsMemory(0, datagram.Count), (IPEndPoint)datagram.RemoteEndPoint);
            }
        }
        catch (ObjectDisposedException)
        {
            // The program ends.
        }
    }

    private static async Coroutine ServeAsync(SocketConnection connection)
    {
        using (connection)
        {
            byte[] buffer = new byte[BufferBytes];
            try
            {
                while (await connection.ReadAsync(buffer) is > 0 and var count)
                    await connection.WriteAsync(buffer.AsMemory(0, count));
            }
            catch (IOException)
            {
                // The other side went away in the middle; that is its right.
            }
        }
    }
}
