using System.Net;

namespace Qi.Actors.IO;

/// <summary>Connections of Qi under the framework's HTTP client.</summary>
public static class SocketsHttpHandlerExtensions
{
    /// <summary>
    /// Lets the handler connect through <see cref="SocketConnection"/>: HTTP, and TLS on top of it, are the framework's as before. Sets
    /// <see cref="SocketsHttpHandler.ConnectCallback"/>.
    /// </summary>
    /// <param name="handler">The handler, before its first request.</param>
    /// <param name="system">Whose dispatchers serve the connections. It has to outlive the handler.</param>
    /// <param name="options">How connections are set up; null for the defaults.</param>
    /// <returns>The handler.</returns>
    /// <remarks>Names are looked up by the system's resolver (<see cref="SystemNames.GetNames"/>), and several addresses race: see <see cref="SocketConnection"/>.</remarks>
    /// <exception cref="ArgumentException">An option has a value that it may not have.</exception>
    public static SocketsHttpHandler UseQiSockets(this SocketsHttpHandler handler, ActorSystem system, SocketOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(system);
        (options ?? SocketOptions.Default).Validate();
        handler.ConnectCallback = (context, cancellationToken) => ConnectAsync(system, context.DnsEndPoint, options, cancellationToken);
        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(ActorSystem system, DnsEndPoint host, SocketOptions? options, CancellationToken cancellationToken)
    {
        var connection = await SocketConnection.ConnectAsync(system, host.Host, host.Port, options, cancellationToken).ConfigureAwait(false);
        return connection.AsStream();
    }
}
