using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.Load.Net;

/// <summary>
/// The stock way: <see cref="Socket"/>'s asynchronous calls, an asynchronous method for each connection, and a pooled buffer: as long as it lives, or while there is
/// something in it.
/// </summary>
internal sealed class SocketEcho : IEchoServer
{
    private const int BufferBytes = 4096;
    private const int DatagramBytes = 65536;
    private const int Backlog = 4096;

    private readonly Socket _socket;

    public SocketEcho(Transport transport, Buffering buffering, int port)
    {
        bool isTcp = transport == Transport.Tcp;
        _socket = new Socket(AddressFamily.InterNetwork, isTcp ? SocketType.Stream : SocketType.Dgram, isTcp ? ProtocolType.Tcp : ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        if (isTcp)
            _socket.Listen(Backlog);
        _ = isTcp ? AcceptAsync(buffering == Buffering.Kept ? EchoAsync : EchoRentedAsync) : EchoDatagramsAsync();
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    // The shared array pool does not tell; its arrays are in the managed heap like any.
    public long SlabBytes => 0;

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync(Func<Socket, Task> echo)
    {
        try
        {
            while (true)
            {
                var connection = await _socket.AcceptAsync();
                connection.NoDelay = true;
                _ = echo(connection);
            }
        }
        catch (ObjectDisposedException)
        {
            // The server ends.
        }
        catch (SocketException e)
        {
            Console.Error.WriteLine(e);
        }
    }

    private static async Task EchoAsync(Socket connection)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await connection.ReceiveAsync(buffer.AsMemory(), SocketFlags.None) is > 0 and var count)
            {
                for (int sent = 0; sent < count;)
                    sent += await connection.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None);
            }
        }
        catch (SocketException)
        {
            // The other side went away in the middle; that is its right.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            connection.Dispose();
        }
    }

    private static async Task EchoRentedAsync(Socket connection)
    {
        try
        {
            int count;
            do
            {
                await connection.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
                try
                {
                    count = await connection.ReceiveAsync(buffer.AsMemory(), SocketFlags.None);
                    for (int sent = 0; sent < count;)
                        sent += await connection.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
            while (count > 0);
        }
        catch (SocketException)
        {
            // The other side went away in the middle; that is its right.
        }
        finally
        {
            connection.Dispose();
        }
    }

    private async Task EchoDatagramsAsync()
    {
        byte[] buffer = new byte[DatagramBytes];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        try
        {
            while (true)
            {
                int count = await _socket.ReceiveFromAsync(buffer.AsMemory(), SocketFlags.None, from);
                await _socket.SendToAsync(buffer.AsMemory(0, count), SocketFlags.None, from);
            }
        }
        catch (ObjectDisposedException)
        {
            // The server ends.
        }
        catch (SocketException e)
        {
            Console.Error.WriteLine(e);
        }
    }
}
