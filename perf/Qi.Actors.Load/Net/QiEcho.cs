using System.Net;

using Microsoft.Extensions.Logging.Abstractions;

using Qi.Actors.IO;
using Qi.Actors.Platform;

namespace Qi.Actors.Load.Net;

/// <summary>A coroutine for each connection, and a buffer of the process' pool.</summary>
internal sealed class QiEcho : IEchoServer
{
    private const int BufferBytes = 4096;
    private const int Backlog = 4096;

    private readonly ActorSystem _system;
    private readonly SocketListener _listener;

    public QiEcho(Transport transport, int port, ReactorChoice reactor)
    {
        if (transport != Transport.Tcp)
            throw new UsageException("--protocol udp is not there for this kind.");
        _system = new ActorSystem(new QiActorsOptions { Name = "echo", Reactor = reactor }, null, NullLoggerFactory.Instance);
        _listener = SocketListener.Bind(_system, new IPEndPoint(IPAddress.Loopback, port), new ListenerOptions { Backlog = Backlog });
        _ = _system.Spawn(AcceptAsync());
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        _system.Dispose();
    }

    private async Coroutine AcceptAsync()
    {
        try
        {
            while (true)
                _ = _system.Spawn(EchoAsync(await _listener.AcceptAsync()));
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
}
