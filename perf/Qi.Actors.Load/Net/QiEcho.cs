using System.Net;

using Microsoft.Extensions.Logging.Abstractions;

using Qi.Actors.IO;
using Qi.Actors.Platform;

namespace Qi.Actors.Load.Net;

/// <summary>A coroutine for each connection, with a buffer of its own or one of the system's pool while there is something in it.</summary>
internal sealed class QiEcho : IEchoServer
{
    private const int BufferBytes = 4096;
    private const int DatagramBytes = 65536;
    private const int Backlog = 4096;

    private readonly ActorSystem _system;
    private readonly IDisposable _socket;

    public QiEcho(Transport transport, Buffering buffering, int port, ReactorChoice reactor)
    {
        _system = new ActorSystem(new QiActorsOptions { Name = "echo", Reactor = reactor }, null, NullLoggerFactory.Instance);
        var local = new IPEndPoint(IPAddress.Loopback, port);
        if (transport == Transport.Tcp)
        {
            var listener = SocketListener.Bind(_system, local, new ListenerOptions { Backlog = Backlog });
            _socket = listener;
            Port = ((IPEndPoint)listener.LocalEndPoint).Port;
            _ = _system.Spawn(AcceptAsync(listener, buffering == Buffering.Kept ? EchoAsync : EchoRentedAsync));
        }
        else
        {
            var socket = DatagramSocket.Bind(_system, local);
            _socket = socket;
            Port = ((IPEndPoint)socket.LocalEndPoint).Port;
            _ = _system.Spawn(EchoDatagramsAsync(socket));
        }
    }

    public int Port { get; }

    public long SlabBytes => _system.GetBuffers().GetStatistics().HeldBytes;

    public void Dispose()
    {
        _socket.Dispose();
        _system.Dispose();
    }

    private static async Coroutine EchoDatagramsAsync(DatagramSocket socket)
    {
        byte[] buffer = new byte[DatagramBytes];
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
            // The server ends.
        }
    }

    private async Coroutine AcceptAsync(SocketListener listener, Func<SocketConnection, Coroutine> echo)
    {
        try
        {
            while (true)
                _ = _system.Spawn(echo(await listener.AcceptAsync()));
        }
        catch (ObjectDisposedException)
        {
            // The server ends.
        }
    }

    private static async Coroutine EchoAsync(SocketConnection connection)
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

    private async Coroutine EchoRentedAsync(SocketConnection connection)
    {
        using (connection)
        {
            var buffers = _system.GetBuffers();
            try
            {
                int count;
                do
                {
                    await connection.ReadAsync(Memory<byte>.Empty);
                    using var buffer = buffers.Rent(BufferBytes);
                    count = await connection.ReadAsync(buffer.Memory);
                    await connection.WriteAsync(buffer.Memory[..count]);
                }
                while (count > 0);
            }
            catch (IOException)
            {
                // The other side went away in the middle; that is its right.
            }
        }
    }
}
