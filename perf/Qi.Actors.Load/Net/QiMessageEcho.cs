using System.Net;

using Microsoft.Extensions.Logging.Abstractions;

using Qi.Actors.IO;
using Qi.Actors.Platform;

namespace Qi.Actors.Load.Net;

/// <summary>Two actors for each connection: the connection's own, and the one that sends back what it is told has come.</summary>
internal sealed class QiMessageEcho : IEchoServer
{
    private const int Backlog = 4096;

    private readonly ActorSystem _system;
    private readonly SocketListener _listener;

    public QiMessageEcho(int port, ReactorChoice reactor)
    {
        _system = new ActorSystem(new QiActorsOptions { Name = "echo", Reactor = reactor }, null, NullLoggerFactory.Instance);
        _listener = SocketListener.Bind(_system, new IPEndPoint(IPAddress.Loopback, port), new ListenerOptions { Backlog = Backlog });
        Port = ((IPEndPoint)_listener.LocalEndPoint).Port;
        _ = _listener.AcceptInto(_system.Spawn<SocketConnection>(Serve));
    }

    public int Port { get; }

    public long SlabBytes => _system.GetBuffers().GetStatistics().HeldBytes;

    public void Dispose()
    {
        _listener.Dispose();
        _system.Dispose();
    }

    private void Serve(SocketConnection connection)
        => _system.SpawnConnection(connection, _system.Spawn(() => new Echo()));

    private sealed class Echo : Actor<ConnectionEvent>
    {
        protected override void Receive(ConnectionEvent message)
        {
            switch (message)
            {
                case Received received:
                    received.Connection.Tell(new Send(received.Bytes.ToArray()));
                    received.Dispose();
                    break;
                case PeerEnded:
                    message.Connection.Tell(new CloseConnection());
                    break;
                case Closed:
                    _ = Self.StopAsync(StopMode.Now);
                    break;
            }
        }
    }
}
