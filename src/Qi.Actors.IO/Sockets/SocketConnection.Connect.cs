using System.Net;
using System.Net.Sockets;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

public sealed partial class SocketConnection
{
    /// <summary>Connects.</summary>
    /// <param name="system">Whose dispatchers serve it.</param>
    /// <param name="remote">Where to: an <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="options">How it is set up; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="IOException">It was refused, or cannot be reached: the inner <see cref="SocketException"/> says which.</exception>
    /// <exception cref="SocketException">The system has no descriptor for it, or refuses an option.</exception>
    /// <exception cref="TimeoutException"><see cref="SocketOptions.ConnectTimeout"/> has passed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ArgumentException">The endpoint is of another kind, or an option has a value that it may not have.</exception>
    /// <exception cref="PlatformException">The reactor cannot serve it.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public static ValueTask<SocketConnection> ConnectAsync(
        ActorSystem system, EndPoint remote, SocketOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        Addresses.Require(remote);
        options ??= SocketOptions.Default;
        options.Validate();
        var reactors = system.Pool.Reactors;
        reactors.RequireReal();
        nint descriptor = NativeSockets.Open(remote.AddressFamily, SocketType.Stream, reactors.Plan.IsNonBlocking);
        var connection = new SocketConnection(system, descriptor, remote.AddressFamily, options, remote);
        try
        {
            options.ApplyTo(connection._handle, remote.AddressFamily != AddressFamily.Unix);
            reactors.Attach(connection._handle);
            IoWait<SocketConnection>.Register();
            var attempt = new Attempt(connection) { Source = new IoSource(system.Pool, connection._handle, connection) };
            attempt.Source.Begin();
            var (bytes, length) = Addresses.Of(remote);
            attempt.Source.Wanted.Kind = IoKind.Connect;
            attempt.Source.Wanted.Address = bytes;
            attempt.Source.Wanted.AddressLength = length;
            return attempt.RunAsync(options.ConnectTimeout ?? Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Connects to the first of several endpoints that can be reached. <b>Order</b>: they are tried one after another, as they stand.</summary>
    /// <param name="system">Whose dispatchers serve it.</param>
    /// <param name="remotes">Where to; at least one.</param>
    /// <param name="options">How it is set up; null for the defaults. <see cref="SocketOptions.ConnectTimeout"/> is for each attempt.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <exception cref="IOException">None could be reached: the message names each with its failure, and the inner exception has all of them.</exception>
    /// <exception cref="TimeoutException">None could be reached within <see cref="SocketOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ArgumentException">There is no endpoint, one is of another kind, or an option has a value that it may not have.</exception>
    /// <exception cref="PlatformException">The reactor cannot serve it.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public static ValueTask<SocketConnection> ConnectAsync(
        ActorSystem system, IReadOnlyList<EndPoint> remotes, SocketOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(remotes);
        if (remotes.Count == 0)
            throw new ArgumentException("There is no endpoint to connect to. Give at least one.", nameof(remotes));
        foreach (var remote in remotes)
            Addresses.Require(remote, nameof(remotes));
        (options ?? SocketOptions.Default).Validate();
        EndPoint[] inOrder = [.. remotes];
        return inOrder.Length == 1
            ? ConnectAsync(system, inOrder[0], options, cancellationToken)
            : OwnedResult<SocketConnection>.Of(token => ConnectInOrderAsync(system, inOrder, options, token), cancellationToken);
    }

    private static async Task<SocketConnection> ConnectInOrderAsync(
        ActorSystem system, EndPoint[] remotes, SocketOptions? options, CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        foreach (var remote in remotes)
        {
            try
            {
                return await ConnectAsync(system, remote, options, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or SocketException or TimeoutException)
            {
                failures.Add(e);
            }
        }

        throw ConnectFailures.Of($"None of {remotes.Length} endpoints", failures);
    }

    private sealed class Attempt(SocketConnection connection) : IoResult<SocketConnection>
    {
        protected override SocketConnection Make(int result)
        {
            Source.CloseDeadline();
            return connection;
        }

        protected override void OnFailure()
        {
            Source.CloseDeadline();
            connection.Dispose();
        }
    }
}
