using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.Load.Net;

/// <summary>The stock way: <see cref="Socket"/>'s asynchronous calls, an asynchronous method and a pooled buffer for each connection.</summary>
internal sealed class SocketEcho : IEchoServer
{
    private const int BufferBytes = 4096;
    private const int DatagramBytes = 65536;
    private const int Backlog = 4096;

    private readonly Socket _socket;

    public SocketEcho(Transport transport, int port)
    {
        bool isTcp = transport == Transport.Tcp;
        _socket = new Socket(AddressFamily.InterNetwork, isTcp ? SocketType.Stream : SocketType.Dgram, isTcp ? ProtocolType.Tcp : ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        if (isTcp)
            _socket.Listen(Backlog);
        _ = isTcp ? AcceptAsync() : EchoDatagramsAsync();
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _socket.AcceptAsync();
                connection.NoDelay = true;
                _ = EchoAsync(connection);
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
