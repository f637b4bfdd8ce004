using System.Net;

namespace Qi.Actors.IO;

public sealed partial class SocketConnection
{
    /// <summary>Connects to a host by its name, at whichever of its addresses answers first.</summary>
    /// <param name="system">Whose dispatchers serve it, and whose resolver (<see cref="SystemNames.GetNames"/>) looks the name up.</param>
    /// <param name="host">A name, or an address as text.</param>
    /// <param name="port">1 to 65,535.</param>
    /// <param name="options">How it is set up; null for the defaults. <see cref="SocketOptions.ConnectTimeout"/> is for each attempt.</param>
    /// <param name="cancellationToken">Ends the look-up and the attempts.</param>
    /// <remarks>
    /// <b>Order</b>: the families take turns, the one that the resolver prefers first; the next address is tried when the one before has failed, or beside it after
    /// <see cref="SocketOptions.NextAddressAfter"/>. The first connection wins, and what the others come to is closed. <b>Source</b>: RFC 8305.
    /// </remarks>
    /// <exception cref="IOException">The name has no address, or none could be reached: the message names each with its failure.</exception>
    /// <exception cref="TimeoutException">There was no answer about the name in time, or each attempt took longer than <see cref="SocketOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ArgumentException">This cannot be a name, or an option has a value that it may not have.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such port.</exception>
    /// <exception cref="Platform.PlatformException">The reactor cannot serve it.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public static ValueTask<SocketConnection> ConnectAsync(
        ActorSystem system, string host, int port, SocketOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        return ConnectAsync(system.GetNames(), host, port, options, cancellationToken);
    }

    /// <summary>The same with a resolver of one's own, whose system serves the connection.</summary>
    /// <param name="names">Who looks the name up.</param>
    /// <param name="host">A name, or an address as text.</param>
    /// <param name="port">1 to 65,535.</param>
    /// <param name="options">How it is set up; null for the defaults. <see cref="SocketOptions.ConnectTimeout"/> is for each attempt.</param>
    /// <param name="cancellationToken">Ends the look-up and the attempts.</param>
    /// <inheritdoc cref="ConnectAsync(ActorSystem, string, int, SocketOptions, CancellationToken)" path="/*[not(self::summary)]"/>
    public static ValueTask<SocketConnection> ConnectAsync(
        NameResolver names, string host, int port, SocketOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        NameResolver.RequireName(host);
        if (port is < 1 or > IPEndPoint.MaxPort)
            throw new ArgumentOutOfRangeException(nameof(port), port, $"{host} has no port {port}: ports are 1 to 65,535.");
        options ??= SocketOptions.Default;
        options.Validate();
        names.System.Pool.Reactors.RequireReal();
        return OwnedResult<SocketConnection>.Of(token => ConnectByNameAsync(names, host, port, options, token), cancellationToken);
    }

    private static async Task<SocketConnection> ConnectByNameAsync(
        NameResolver names, string host, int port, SocketOptions options, CancellationToken cancellationToken)
    {
        var addresses = await names.ResolveAsync(host, cancellationToken: cancellationToken).ConfigureAwait(false);
        var endPoints = Addresses.Interleave(addresses, port);
        var race = new ConnectRace<SocketConnection>(
            (endPoint, token) => ConnectAsync(names.System, endPoint, options, token), options.NextAddressAfter, names.System.TimeProvider);
        return await race.RunAsync(endPoints, $"{host}:{port}", cancellationToken).ConfigureAwait(false);
    }
}
