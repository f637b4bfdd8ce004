// Connections that are used again. Room is counted in places: every connection that is idle, rented or being made has one, and _open places are taken.
//
// The lock guards every field; nothing is awaited, called or closed under it.
//   C1. _open is at most MostConnections.
//   C2. While somebody stands in line no connection is idle and no place is free: whoever gives up a place or a connection gives it to the first in line.
//   C3. A waiter leaves the line under the lock, once: with a grant, or because its time is over. So a grant is never lost.
//   C4. A place whose connection is to make room for another endpoint's comes with that connection, to be closed before the new one is made.
// A connection that is granted and turns out to be dead leaves its place to the one who got it.
//
// An endpoint can be changed by whoever has it, and connections are looked up by it. So the pool has a copy of its own, and gives away copies of that. An endpoint of a
// foreign kind cannot be copied: whoever changes one does not find what he has left there, and what is idle is closed in time all the same.
//
// This file: renting and giving back. ConnectionPool.Line.cs: who waits. ConnectionPool.Idle.cs: what is idle, and for how long.

using System.Net;

namespace Qi.Actors.IO;

/// <summary>Keeps connections for reuse: by endpoint, within limits, checked before they are handed out.</summary>
/// <remarks><b>Threads</b>: any. <b>Order</b>: who waits is served in order, whatever the endpoint; of the idle ones the one used last is handed out first.</remarks>
public sealed partial class ConnectionPool : IDisposable, IAsyncDisposable
{
    private readonly ConnectionPoolOptions _options;
    private readonly Func<EndPoint, CancellationToken, ValueTask<SocketConnection>> _connect;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _line = [];
    private readonly HashSet<PooledConnection> _rented = [];
    private int _open;
    private long _made;
    private long _reused;
    private long _failed;
    private long _unhealthy;
    private long _timedOut;
    private bool _isDisposed;

    /// <summary>Makes a pool without connections.</summary>
    /// <param name="system">Whose dispatchers serve them.</param>
    /// <param name="options">Its limits; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option has a value that it may not have.</exception>
    public ConnectionPool(ActorSystem system, ConnectionPoolOptions? options = null)
        : this(system, options, connect: null)
    {
    }

    /// <summary>Makes a pool that connects in another way, for tests.</summary>
    internal ConnectionPool(ActorSystem system, ConnectionPoolOptions? options, Func<EndPoint, CancellationToken, ValueTask<SocketConnection>>? connect)
    {
        ArgumentNullException.ThrowIfNull(system);
        _options = options ?? ConnectionPoolOptions.Default;
        _options.Validate();
        _time = system.TimeProvider;
        _connect = connect ?? ((remote, cancellationToken) => remote is DnsEndPoint host
            ? SocketConnection.ConnectAsync(system, host.Host, host.Port, _options.Connections, cancellationToken)
            : SocketConnection.ConnectAsync(system, remote, _options.Connections, cancellationToken));
    }

    /// <summary>What the pool has and has done.</summary>
    public ConnectionPoolStatistics Statistics
    {
        get
        {
            lock (_lock)
            {
                return new ConnectionPoolStatistics
                {
                    Open = _open,
                    Idle = _idle.Count,
                    Rented = _rented.Count,
                    Waiting = _line.Count,
                    Made = _made,
                    Reused = _reused,
                    Failed = _failed,
                    Unhealthy = _unhealthy,
                    Expired = _expired,
                    TimedOut = _timedOut,
                };
            }
        }
    }

    /// <summary>Rents a connection: an idle one, or a new one if there is room, or whichever comes free first.</summary>
    /// <param name="remote">Where to: an <see cref="IPEndPoint"/>, a <c>UnixDomainSocketEndPoint</c>, or a <see cref="DnsEndPoint"/> for a name. It may be changed afterwards.</param>
    /// <param name="cancellationToken">Ends the wait and the attempt to connect.</param>
    /// <returns>To be disposed of.</returns>
    /// <exception cref="IOException">It could not be connected.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The process has no descriptor left for it, or the system refuses an option.</exception>
    /// <exception cref="ArgumentException">The endpoint is of another kind.</exception>
    /// <exception cref="TimeoutException">There was no room within <see cref="ConnectionPoolOptions.WaitTimeout"/>, or connecting took too long.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no connection is lost.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed of.</exception>
    public ValueTask<PooledConnection> RentAsync(EndPoint remote, CancellationToken cancellationToken = default)
    {
        if (remote is not DnsEndPoint)
            Addresses.Require(remote, nameof(remote));
        var key = Addresses.CopyOf(remote);
        return Reactors.IoSource.IsCancelledAhead(cancellationToken)
            ? ValueTask.FromCanceled<PooledConnection>(cancellationToken)
            : OwnedResult<PooledConnection>.Of(token => RentOwnAsync(key, token), cancellationToken);
    }

    /// <summary>Closes all connections, rented ones too; who waits gets an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        List<Waiter> waiting;
        List<PooledConnection> rented;
        List<Idle> idle;
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            waiting = [.. _line];
            _line.Clear();
            rented = [.. _rented];
            _rented.Clear();
            idle = ClearIdleLocked();
            _open -= rented.Count + idle.Count;
        }

        _over.Cancel();
        waiting.ForEach(waiter => waiter.Granted.TrySetException(Disposed()));
        rented.ForEach(lease => lease.Close());
        idle.ForEach(kept => kept.Connection.Dispose());
    }

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <summary>A connection comes back, once for each rent.</summary>
    internal void Return(PooledConnection lease, SocketConnection connection, bool isComplete)
    {
        bool isKept = isComplete && connection.IsReusable;
        if (!isKept)
            connection.Dispose();
        SocketConnection? toClose = null;
        lock (_lock)
        {
            if (!_rented.Remove(lease))
                return; // the pool was disposed of, and has closed it
            if (_line.First is { } first)
            {
                _line.Remove(first);
                bool isFitting = isKept && first.Value.Remote.Equals(lease.Key);
                first.Value.Granted.SetResult(isFitting ? new Grant(connection, null) : new Grant(null, isKept ? connection : null));
            }
            else if (isKept)
            {
                toClose = KeepLocked(lease.Key, connection);
            }
            else
            {
                _open--;
            }
        }

        toClose?.Dispose();
    }

    private async Task<PooledConnection> RentOwnAsync(EndPoint remote, CancellationToken cancellationToken)
    {
        Waiter? waiter = null;
        Grant grant;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!TryTakeLocked(remote, out grant))
                _line.AddLast((waiter = new Waiter(remote)).Place);
        }

        if (waiter is not null)
            grant = await WaitInLineAsync(waiter, cancellationToken).ConfigureAwait(false);
        grant.ToClose?.Dispose();
        for (var kept = grant.Kept; kept is not null; kept = TakeInPlaceOfDead(remote))
        {
            if (kept.IsReusable)
                return Lend(remote, kept, isReused: true);
            kept.Dispose();
        }

        return Lend(remote, await ConnectAsync(remote, cancellationToken).ConfigureAwait(false), isReused: false);
    }

    private bool TryTakeLocked(EndPoint remote, out Grant grant)
    {
        grant = new Grant(TakeIdleLocked(remote), null);
        if (grant.Kept is not null)
            return true;
        if (_open < _options.MostConnections)
        {
            _open++;
            return true;
        }

        grant = new Grant(null, TakeOldestLocked());
        return grant.ToClose is not null; // C4
    }

    // Another one to the same endpoint has a place of its own, which is free then: nobody stands in line, by C2.
    private SocketConnection? TakeInPlaceOfDead(EndPoint remote)
    {
        lock (_lock)
        {
            _unhealthy++;
            var next = TakeIdleLocked(remote);
            if (next is not null)
                _open--;
            return next;
        }
    }

    private async Task<SocketConnection> ConnectAsync(EndPoint remote, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
        try
        {
            return await _connect(Addresses.CopyOf(remote), linked.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            FreePlace();
            if (e is not OperationCanceledException)
                throw;
            cancellationToken.ThrowIfCancellationRequested();
            throw _over.IsCancellationRequested ? Disposed() : new OperationCanceledException(e.Message, e);
        }
    }

    private void FreePlace()
    {
        lock (_lock)
        {
            _failed++;
            if (_line.First is not { } first)
            {
                _open--;
                return;
            }

            _line.Remove(first);
            first.Value.Granted.SetResult(default);
        }
    }

    private PooledConnection Lend(EndPoint remote, SocketConnection connection, bool isReused)
    {
        var lease = new PooledConnection(this, remote, connection, isReused);
        lock (_lock)
        {
            _made += isReused ? 0 : 1;
            _reused += isReused ? 1 : 0;
            if (!_isDisposed)
            {
                _rented.Add(lease);
                return lease;
            }

            _open--;
        }

        connection.Dispose();
        throw Disposed();
    }

    private static ObjectDisposedException Disposed()
        => new(nameof(ConnectionPool), "The pool of connections was disposed of: it rents nothing any more.");
}
