namespace Qi.Actors.IO;

/// <summary>Sockets as actors: driven by messages, and telling what happens by messages.</summary>
public static class SocketActors
{
    /// <summary>Makes an actor of a connection, which it owns from now on.</summary>
    /// <param name="system">Where the actor lives.</param>
    /// <param name="connection">What it reads from and writes to. It is closed when the actor ends.</param>
    /// <param name="handler">Who is told what arrives. If its mailbox is bounded, reading waits while it is full.</param>
    /// <param name="options">How it works; null for the defaults.</param>
    /// <returns>Whom to tell what to send.</returns>
    /// <remarks><b>Order</b>: the handler gets <see cref="Received"/> in the order of the bytes, then perhaps <see cref="PeerEnded"/>, and <see cref="Closed"/> once.</remarks>
    public static ActorRef<ConnectionCommand> SpawnConnection(
        this ActorSystem system, SocketConnection connection, ActorRef<ConnectionEvent> handler, ConnectionActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(handler);
        options ??= new ConnectionActorOptions();
        options.Validate();
        return system.Spawn<ConnectionCommand>(() => new ConnectionActor(connection, handler, options), options: options.Commands);
    }

    /// <summary>Sends each connection that a listener accepts to an actor, until one of the two has ended.</summary>
    /// <param name="listener">Where connections come from. It is closed when the actor has stopped.</param>
    /// <param name="handler">Who gets them, and owns them. If its mailbox is bounded, accepting waits while it is full.</param>
    /// <returns>Ends with the listener or the actor. Cancel it to accept no more.</returns>
    public static JoinHandle AcceptInto(this SocketListener listener, ActorRef<SocketConnection> handler)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ArgumentNullException.ThrowIfNull(handler);
        return listener.System.Spawn(AcceptAsync(listener, handler));
    }

    private static async Coroutine AcceptAsync(SocketListener listener, ActorRef<SocketConnection> handler)
    {
        try
        {
            while (true)
            {
                var connection = await listener.AcceptAsync();
                if (await handler.SendAsync(connection))
                    continue;
                connection.Dispose();
                listener.Dispose();
                return;
            }
        }
        catch (ObjectDisposedException)
        {
            // The listener was closed: that is how it ends.
        }
    }
}
