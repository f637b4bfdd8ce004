using System.Net;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Pooling;

/// <summary>A system with a server that echoes.</summary>
internal sealed class Place : IAsyncDisposable
{
    private readonly SocketListener _listener;
    private readonly List<SocketConnection> _accepted = [];

    public Place(TimeProvider? time = null)
    {
        System = new TestSystem(null, time);
        _listener = SocketListener.Bind(System.Actors, Wire.AnyPort);
        _ = System.Actors.Spawn(ServeAsync);
    }

    public TestSystem System { get; }

    public EndPoint EndPoint => _listener.LocalEndPoint;

    public ConnectionPool Pool(ConnectionPoolOptions? options = null) => new(System.Actors, options);

    public Task<PooledConnection> RentAsync(ConnectionPool pool) => Signal.Within(pool.RentAsync(EndPoint), "a connection");

    public void CloseServerSide()
    {
        lock (_accepted)
            _accepted.ForEach(connection => connection.Dispose());
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await System.DisposeAsync();
    }

    private async Coroutine ServeAsync()
    {
        while (true)
        {
            SocketConnection connection;
            try
            {
                connection = await _listener.AcceptAsync();
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            lock (_accepted)
                _accepted.Add(connection);
            _ = Coroutine.Spawn(Wire.EchoAsync(connection));
        }
    }
}
