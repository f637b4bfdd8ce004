using System.Net.Sockets;

using Qi.Actors.Platform;

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
    /// <remarks>
    /// From the first call on, a <see cref="Received"/> or a <see cref="SocketConnection"/> that becomes a dead letter of this system is given back, unless a full mailbox has
    /// refused it: then it is still the sender's. <b>Order</b>: the handler gets <see cref="Received"/> in the order of the bytes, then perhaps <see cref="PeerEnded"/>, and <see cref="Closed"/> once.
    /// </remarks>
    /// <exception cref="ArgumentException">An option has a value that it may not have. The connection is still the caller's.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped. The connection is still the caller's.</exception>
    public static ActorRef<ConnectionCommand> SpawnConnection(
        this ActorSystem system, SocketConnection connection, ActorRef<ConnectionEvent> handler, ConnectionActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(handler);
        options ??= new ConnectionActorOptions();
        options.Validate();
        OwnedLetters.Watch(system);
        return system.Spawn<ConnectionCommand>(() => new ConnectionActor(connection, handler, options), options: options.Commands);
    }

    /// <summary>Sends each connection that a listener accepts to an actor, until one of the two has ended.</summary>
    /// <param name="listener">Where connections come from. It is closed when the actor has stopped.</param>
    /// <param name="handler">Who gets them, and owns them. If its mailbox is bounded, accepting waits while it is full, or closes what it rejects.</param>
    /// <returns>
    /// Ends with the listener or the actor, and with an exception, which is logged too, if the listener is broken or somebody else accepts from it. Cancel it to accept no more.
    /// </returns>
    /// <remarks>
    /// A connection that could not be set up comes closed, as from <see cref="SocketListener.AcceptAsync"/>. What is still in the actor's mailbox when it stops is closed. From the first call
    /// on dead letters are given back as by <see cref="SpawnConnection"/>.
    /// </remarks>
    public static JoinHandle AcceptInto(this SocketListener listener, ActorRef<SocketConnection> handler)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ArgumentNullException.ThrowIfNull(handler);
        OwnedLetters.Watch(listener.System);
        return listener.System.Spawn(AcceptAsync(listener, handler));
    }

    private static async Coroutine AcceptAsync(SocketListener listener, ActorRef<SocketConnection> handler)
    {
        using var isOver = new CancellationTokenSource();
        _ = handler.Completion.ContinueWith(
            static (_, listener) => ((SocketListener)listener!).Dispose(), listener, isOver.Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            while (await OwnedLetters.HandOverAsync(handler, await listener.AcceptAsync(), Coroutine.CancellationToken) || !handler.IsClosed)
            {
                // What a full mailbox rejects is closed, and the next one may find room.
            }

            listener.Dispose(); // the actor takes no more
        }
        catch (ObjectDisposedException)
        {
            listener.Dispose(); // as a rule it is: that is how it ends
        }
        catch (IOException e)
        {
            IoLog.AcceptingEnded(listener.System.Pool.Logger, listener.LocalEndPoint, e);
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            IoLog.AcceptingFailed(listener.System.Pool.Logger, listener.LocalEndPoint, e);
            throw;
        }
        finally
        {
            isOver.Cancel();
        }
    }
}
