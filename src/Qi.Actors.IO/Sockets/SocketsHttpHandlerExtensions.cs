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

    // A failure in the framework's own form: the handler makes HttpRequestError of it, and filters of retries look for it.
    private static async ValueTask<Stream> ConnectAsync(ActorSystem system, DnsEndPoint host, SocketOptions? options, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await SocketConnection.ConnectAsync(system, host.Host, host.Port, options, cancellationToken).ConfigureAwait(false);
            return connection.AsStream();
        }
        catch (IOException e) when (CauseOf(e) is { } cause)
        {
            throw new SocketException((int)cause.SocketErrorCode, e.Message);
        }
        catch (TimeoutException e)
        {
            throw new SocketException((int)SocketError.TimedOut, e.Message);
        }
    }

    // Of several attempts the first, as the framework has it.
    private static SocketException? CauseOf(Exception? failure) => failure switch
    {
        SocketException cause => cause,
        AggregateException several => several.InnerExceptions.Select(CauseOf).FirstOrDefault(static cause => cause is not null),
        _ => failure?.InnerException is { } inner ? CauseOf(inner) : null,
    };
}
