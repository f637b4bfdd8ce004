using System.Collections.Concurrent;
using System.Net;
using System.Text;

using Qi.Actors;
using Qi.Actors.IO;

using Redis.Channels;
using Redis.Keyspace;

namespace Redis.Server;

/// <summary>Takes connections and sweeps out what has expired, until it is disposed.</summary>
internal sealed class RedisServer : IServer, IDisposable
{
    private static readonly TimeSpan s_sweepPeriod = TimeSpan.FromMilliseconds(100);

    private readonly ActorSystem _system;
    private readonly SocketListener[] _listeners;
    private readonly JoinHandle _sweeper;
    private readonly ConcurrentDictionary<Session, SocketConnection> _sessions = new();
    private readonly long _start;
    private long _connectionsTaken;
    private long _commandsDone;

    /// <summary>Begins to listen.</summary>
    public RedisServer(ActorSystem system, params IReadOnlyList<EndPoint> endPoints)
    {
        _system = system;
        _start = system.TimeProvider.GetTimestamp();
        Database = new Database(system.TimeProvider);
        var options = new ListenerOptions { Backlog = 4096 };
        _listeners = [.. endPoints.Select(endPoint => SocketListener.Bind(system, endPoint, options))];
        foreach (var listener in _listeners)
            _ = system.Spawn(AcceptAsync(listener));
        _sweeper = system.Spawn(SweepAsync);
    }

    public Database Database { get; }

    public ChannelTable Channels { get; } = new();

    public IReadOnlyList<EndPoint> EndPoints => [.. _listeners.Select(listener => listener.LocalEndPoint)];

    public string Describe()
    {
        var (keys, expiring) = Database.Count();
        var text = new StringBuilder()
            .Append("# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\nserver_name:qi-actors-sample\r\n")
            .Append($"process_id:{Environment.ProcessId}\r\nuptime_in_seconds:{(long)_system.TimeProvider.GetElapsedTime(_start).TotalSeconds}\r\n\r\n")
            .Append($"# Clients\r\nconnected_clients:{_sessions.Count}\r\n\r\n")
            .Append($"# Memory\r\nused_memory:{GC.GetTotalMemory(forceFullCollection: false)}\r\n\r\n")
            .Append($"# Stats\r\ntotal_connections_received:{Interlocked.Read(ref _connectionsTaken)}\r\n")
            .Append($"total_commands_processed:{Interlocked.Read(ref _commandsDone) + _sessions.Keys.Sum(session => session.CommandsDone)}\r\n")
            .Append($"pubsub_channels:{Channels.Count}\r\n\r\n# Keyspace\r\n");
        return (keys > 0 ? text.Append($"db0:keys={keys},expires={expiring}\r\n") : text).ToString();
    }

    /// <summary>Closes the listeners and all connections.</summary>
    public void Dispose()
    {
        foreach (var listener in _listeners)
            listener.Dispose();
        foreach (var connection in _sessions.Values)
            connection.Dispose();
        _sweeper.Cancel();
    }

    private async Coroutine AcceptAsync(SocketListener listener)
    {
        try
        {
            while (true)
                _ = _system.Spawn(ServeAsync(await listener.AcceptAsync()));
        }
        catch (ObjectDisposedException)
        {
            // The server ends.
        }
    }

    private async Coroutine ServeAsync(SocketConnection connection)
    {
        using (connection)
        using (var session = new Session(this, () => new Subscriber(_system, connection)))
        {
            Interlocked.Increment(ref _connectionsTaken);
            _sessions[session] = connection;
            try
            {
                await Connection.ServeAsync(connection, session);
            }
            finally
            {
                _sessions.TryRemove(session, out _);
                Interlocked.Add(ref _commandsDone, session.CommandsDone);
            }
        }
    }

    private async Coroutine SweepAsync()
    {
        var interval = Coroutine.Interval(s_sweepPeriod);
        while (true)
        {
            await interval.NextAsync();
            Database.Sweep();
        }
    }
}
