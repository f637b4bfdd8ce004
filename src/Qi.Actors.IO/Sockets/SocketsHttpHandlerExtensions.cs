using System.Net;
using System.Net.Sockets;

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
    /// <remarks><b>Order</b>: a host's addresses are tried in the order in which the framework's resolver gives them.</remarks>
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
        var addresses = IPAddress.TryParse(host.Host, out var address)
            ? [address]
            : await Dns.GetHostAddressesAsync(host.Host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0)
            throw new SocketException((int)SocketError.HostNotFound);
        EndPoint[] endPoints = Array.ConvertAll(addresses, EndPoint (found) => new IPEndPoint(found, host.Port));
        var connection = await SocketConnection.ConnectAsync(system, endPoints, options, cancellationToken).ConfigureAwait(false);
        return connection.AsStream();
    }
}
