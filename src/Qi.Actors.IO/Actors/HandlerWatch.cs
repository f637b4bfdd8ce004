// The connections of a handler, which end with it. One continuation of the handler's completion serves them all: a task takes a continuation of its own back by looking
// through all of them, which a handler of very many connections could not afford.
//
// _connections: guarded by _lock; null once the handler has stopped. Who comes later is told so, and who is in it is told once.

using System.Runtime.CompilerServices;

namespace Qi.Actors.IO;

/// <summary>Tells a handler's connections that it has stopped. <b>Threads</b>: any.</summary>
internal sealed class HandlerWatch
{
    private static readonly ConditionalWeakTable<ActorRef<ConnectionEvent>, HandlerWatch> s_watches = [];

    private readonly Lock _lock = new();
    private HashSet<ConnectionActor>? _connections = [];

    private HandlerWatch(ActorRef<ConnectionEvent> handler) => handler.Completion.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(End);

    /// <summary>The watch of a handler; the same one for all its connections.</summary>
    public static HandlerWatch Of(ActorRef<ConnectionEvent> handler) => s_watches.GetValue(handler, static handler => new HandlerWatch(handler));

    /// <summary>How many connections would be told.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _connections?.Count ?? 0;
        }
    }

    /// <summary>The connection is told of the end, unless it leaves before. False if the handler has stopped already.</summary>
    public bool TryAdd(ConnectionActor connection)
    {
        lock (_lock)
            return _connections?.Add(connection) ?? false;
    }

    /// <summary>The connection has ended by itself.</summary>
    public void Remove(ConnectionActor connection)
    {
        lock (_lock)
            _connections?.Remove(connection);
    }

    private void End()
    {
        HashSet<ConnectionActor>? left;
        lock (_lock)
            (left, _connections) = (_connections, null);
        foreach (var connection in left!)
            connection.End();
    }
}
