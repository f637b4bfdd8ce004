using System.Net;
using System.Net.Sockets;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

/// <summary>Takes connections at an address: TCP, or a Unix socket.</summary>
/// <remarks><b>Threads</b>: any; one accept at a time. Accepted connections are dealt out to the dispatchers.</remarks>
public sealed class SocketListener : IAsyncDisposable, IDisposable
{
    private readonly ActorSystem _system;
    private readonly IoHandle _handle;
    private readonly IoSource _accepts;
    private readonly ListenerOptions _options;

    private SocketListener(ActorSystem system, IoHandle handle, EndPoint local, ListenerOptions options)
    {
        IoWait.Register();
        _system = system;
        _handle = handle;
        _options = options;
        LocalEndPoint = local;
        _accepts = new IoSource(system.Pool, handle, Failure);
    }

    /// <summary>Where it listens, with the port that the system chose if 0 was asked for.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="system">Whose dispatchers serve it and its connections.</param>
    /// <param name="local">Where: an <see cref="IPEndPoint"/>, whose port may be 0 for any, or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="options">How it and its connections are set up; null for the defaults.</param>
    /// <exception cref="SocketException">The address is in use, or may not be used.</exception>
    public static SocketListener Bind(ActorSystem system, EndPoint local, ListenerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        Addresses.Require(local);
        options ??= ListenerOptions.Default;
        options.Validate();
        var reactors = system.Pool.Reactors;
        var family = local.AddressFamily;
        var handle = reactors.Own(NativeSockets.Open(family, SocketType.Stream, reactors.Plan.IsNonBlocking), IoHandleKind.Listener);
        try
        {
            if (family != AddressFamily.Unix)
                NativeSockets.SetOption(handle, NativeSocketOption.ReuseAddress, 1);
            if (options.ReusePort)
                NativeSockets.SetOption(handle, NativeSocketOption.ReusePort, 1);
            if (family == AddressFamily.InterNetworkV6)
                NativeSockets.SetOption(handle, NativeSocketOption.Ipv6Only, options.DualMode ? 0 : 1);
            var (bytes, length) = Addresses.Of(local);
            NativeSockets.Bind(handle, bytes.AsSpan(0, length));
            NativeSockets.Listen(handle, options.Backlog);
            var listener = new SocketListener(system, handle, Addresses.LocalOf(handle, family), options);
            reactors.Attach(handle);
            return listener;
        }
        catch
        {
            handle.Close();
            throw;
        }
    }

    /// <summary>Waits for the next connection.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The listener is broken.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no connection is lost.</exception>
    /// <exception cref="ObjectDisposedException">The listener is closed.</exception>
    public async ValueTask<SocketConnection> AcceptAsync(CancellationToken cancellationToken = default)
    {
        _accepts.Begin();
        _accepts.Wanted.Kind = IoKind.Accept;
        int descriptor = await _accepts.RunAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        return SocketConnection.Accepted(_system, descriptor, LocalEndPoint.AddressFamily, _options.Connections);
    }

    /// <summary>Ends the listening: a wait for a connection ends with an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _handle.Close();

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <inheritdoc/>
    public override string ToString() => $"listener at {LocalEndPoint}";

    private Exception Failure(int error)
    {
        if (_handle.IsClosed)
            return new ObjectDisposedException(nameof(SocketListener), $"Accepting at {LocalEndPoint}: the listener is closed.");
        var inner = new SocketException((int)IoErrors.ToSocketError(error));
        return new IOException($"Accepting at {LocalEndPoint} failed: {inner.Message}.", inner);
    }
}
