using System.Net;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>A connection that was rented from a pool. Dispose of it in any case; say <see cref="Complete"/> before, if all went well.</summary>
/// <remarks>
/// <b>Threads</b>: one user at a time. Without <see cref="Complete"/> the connection is closed: after an exception in the middle of an exchange nobody knows what is
/// still to come on it.
/// </remarks>
public sealed class PooledConnection : IDisposable, IAsyncDisposable
{
    private readonly ConnectionPool _pool;
    private readonly SocketConnection _connection;
    private bool _isComplete;
    private int _isReturned;

    internal PooledConnection(ConnectionPool pool, EndPoint remote, SocketConnection connection, bool isReused)
    {
        _pool = pool;
        _connection = connection;
        Key = remote;
        IsReused = isReused;
    }

    /// <summary>The connection. Do not use it after this was disposed of: it is somebody else's then.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    public SocketConnection Connection
    {
        get
        {
            ObjectDisposedException.ThrowIf(Atomic.Read(ref _isReturned) != 0, this);
            return _connection;
        }
    }

    /// <summary>What was rented: the endpoint that was asked for, as it was then.</summary>
    public EndPoint RemoteEndPoint => Addresses.CopyOf(Key);

    /// <summary>The same for the pool alone: whoever has an endpoint can change it.</summary>
    internal EndPoint Key { get; }

    /// <summary>Whether somebody had it before.</summary>
    public bool IsReused { get; }

    /// <summary>The exchange has ended in order, and the other end waits for the next one: when this is disposed of others may have the connection.</summary>
    public void Complete() => _isComplete = true;

    /// <summary>Gives the connection back, or closes it if this is not complete.</summary>
    public void Dispose()
    {
        if (Atomic.Exchange(ref _isReturned, 1) == 0)
            _pool.Return(this, _connection, _isComplete);
    }

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <summary>The pool is disposed of, and its connections with it.</summary>
    internal void Close() => _connection.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"rented {_connection}";
}
