// Taking connections when no descriptor is left for them, or when the network or a firewall has ended the one that was to be taken: the accept pauses and tries again
// (IoSource.Pause.cs), and nobody gets an exception for what passes. The connections wait in the system's queue meanwhile. Of the latter kind the next may be there at
// once, but a firewall that forbids all would keep the dispatcher without a pause. _told are the causes of such failures that the log has, until a connection is taken; it is
// written by whoever has the run, one at a time; so is _hasRefused, which says that the last connection could not be set up.

using System.Net;
using System.Net.Sockets;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

/// <summary>Takes connections at an address: TCP, or a Unix socket.</summary>
/// <remarks><b>Threads</b>: any; one accept at a time. Accepted connections are dealt out to the dispatchers.</remarks>
public sealed class SocketListener : IAsyncDisposable, IDisposable, IIoOwner
{
    private const int FirstPauseMs = 5;
    private const int MostDoublings = 7;

    private static readonly TimeSpan s_failure = TimeSpan.FromTicks(-1);

    private readonly ActorSystem _system;
    private readonly IoHandle _handle;
    private readonly Arrival _arrival;
    private readonly ListenerOptions _options;
    private string? _file;
    private (ulong Device, ulong Number) _fileIdentity;
    private PauseCauses _told;
    private bool _hasRefused;

    private SocketListener(ActorSystem system, EndPoint local, ListenerOptions options)
    {
        IoWait<SocketConnection>.Register();
        _system = system;
        _options = options;
        LocalEndPoint = local;
        var reactors = system.Pool.Reactors;
        reactors.RequireReal();
        nint descriptor = NativeSockets.Open(local.AddressFamily, SocketType.Stream, reactors.Plan.IsNonBlocking);
        _handle = reactors.Own(descriptor, IoHandleKind.Listener, Release);
        _arrival = new Arrival(this) { Source = new IoSource(system.Pool, _handle, this) { Retry = Retry, Drop = static accepted => NativeSockets.Close(accepted) } };
        try
        {
            Listen(local, options);
            LocalEndPoint = Addresses.LocalOf(_handle, local.AddressFamily);
            reactors.Attach(_handle);
        }
        catch
        {
            DeleteFile(); // a stop that has closed the handle may have come before it was known here
            _handle.Close();
            throw;
        }
    }

    /// <summary>Whose dispatchers serve it.</summary>
    internal ActorSystem System => _system;

    /// <summary>Where it listens, with the port that the system chose if 0 was asked for.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="system">Whose dispatchers serve it and its connections.</param>
    /// <param name="local">
    /// Where: an <see cref="IPEndPoint"/>, whose port may be 0 for any, or a <see cref="UnixDomainSocketEndPoint"/>, whose file must not be there yet, and is
    /// deleted when the listener is closed, unless another one has taken its place.
    /// </param>
    /// <param name="options">How it and its connections are set up; null for the defaults.</param>
    /// <exception cref="IOException">The address is in use, or may not be used: the inner <see cref="SocketException"/> says which.</exception>
    /// <exception cref="SocketException">The system has no descriptor for it, or refuses an option.</exception>
    /// <exception cref="ArgumentException">The endpoint is of another kind, or an option has a value that it may not have.</exception>
    /// <exception cref="PlatformException">The reactor cannot serve it.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public static SocketListener Bind(ActorSystem system, EndPoint local, ListenerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        Addresses.Require(local, nameof(local));
        options ??= ListenerOptions.Default;
        options.Validate();
        return new SocketListener(system, local, options);
    }

    /// <summary>Waits for the next connection. While the process or the system has no descriptor left it waits until there is one, with a warning in the log.</summary>
    /// <remarks>
    /// A connection that the network or a firewall has ended before it was taken is passed over, after a pause, and with a warning for the first of several.
    /// A connection that cannot be set up as <see cref="ListenerOptions.Connections"/> says, or that the reactor refuses, does not end a loop of accepts: it comes closed, and whatever
    /// is read or written throws an <see cref="IOException"/> that says why. The first of several such connections in a row is a warning in the log.
    /// </remarks>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The listener is broken.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no connection is lost.</exception>
    /// <exception cref="ObjectDisposedException">The listener is closed.</exception>
    /// <exception cref="InvalidOperationException">Another accept is in progress, or its result was not awaited.</exception>
    public ValueTask<SocketConnection> AcceptAsync(CancellationToken cancellationToken = default)
    {
        var source = _arrival.Source;
        source.Begin();
        source.Wanted.Kind = IoKind.Accept;
        source.Wanted.Address = _arrival.Peer;
        source.Wanted.AddressLength = 0;
        return _arrival.RunAsync(Timeout.InfiniteTimeSpan, cancellationToken);
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

    string IIoOwner.Describe(IoKind kind) => $"Accepting at {LocalEndPoint}";

    Exception IIoOwner.Failure(IoKind kind, int error)
    {
        string what = ((IIoOwner)this).Describe(kind);
        if (_handle.IsClosed)
            return new ObjectDisposedException(nameof(SocketListener), $"{what}: the listener is closed.");
        var inner = new SocketException((int)IoErrors.ToSocketError(error));
        return new IOException($"{what} failed: {Addresses.TextOf(inner)}", inner);
    }

    private void Listen(EndPoint local, ListenerOptions options)
    {
        var family = local.AddressFamily;
        if (family != AddressFamily.Unix)
            NativeSockets.SetOption(_handle, NativeSocketOption.ReuseAddress, 1);
        if (options.ReusePort)
            NativeSockets.SetOption(_handle, NativeSocketOption.ReusePort, 1);
        if (family == AddressFamily.InterNetworkV6)
            NativeSockets.SetOption(_handle, NativeSocketOption.Ipv6Only, options.DualMode ? 0 : 1);
        var (bytes, length) = Addresses.Of(local);
        try
        {
            NativeSockets.Bind(_handle, bytes.AsSpan(0, length));
            if (Addresses.FileOf(local) is { } file)
                (_fileIdentity, _file) = (FileStatus.IdentityOf(file), file);
            NativeSockets.Listen(_handle, options.Backlog);
        }
        catch (SocketException e)
        {
            throw new IOException($"Listening at {local} failed: {Addresses.TextOf(e)}{RemedyOf(e.SocketErrorCode)}", e);
        }
    }

    private static string RemedyOf(SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => " Choose another place, or end who listens there; of a Unix socket that nobody listens at any more, delete the file.",
        SocketError.AccessDenied => " Ports below 1024, and the folder of a Unix socket, need a permission: choose another place, or run with it.",
        SocketError.AddressNotAvailable => " Choose an address of this machine, or a folder that is there.",
        _ => "",
    };

    private TimeSpan Retry(int error, int attempt)
    {
        if (error == IoErrors.ConnectionAborted || error == IoErrors.ProtocolFailed)
            return TimeSpan.Zero; // the connection that was to be taken is gone
        bool isShort = error == IoErrors.TooManyOpen || error == IoErrors.TooManyOpenInSystem || error == IoErrors.NoBuffers || error == IoErrors.NoMemory;
        if (!isShort && !IoErrors.IsOfOneConnection(error))
            return s_failure;
        var cause = isShort ? PauseCauses.Shortage : PauseCauses.Network;
        if (!_told.HasFlag(cause))
        {
            _told |= cause;
            string reason = Addresses.TextOf(new SocketException((int)IoErrors.ToSocketError(error)));
            if (isShort)
                IoLog.NoDescriptorToAccept(_system.Pool.Logger, LocalEndPoint, reason);
            else
                IoLog.ConnectionNotTaken(_system.Pool.Logger, LocalEndPoint, reason);
        }

        return TimeSpan.FromMilliseconds(FirstPauseMs << Math.Min(attempt, MostDoublings));
    }

    private void Release(IoHandle handle)
    {
        _arrival.Source.OnHandleClosed();
        DeleteFile(); // first: while the descriptor is open no other file has the number of ours
        _system.Pool.Reactors.Release(handle);
    }

    // Unless somebody has deleted it, and another one has its name. Whoever closes, the system's stop or a dispatcher, is not to be harmed if it cannot be.
    private void DeleteFile()
    {
        if (_file is null)
            return;
        try
        {
            if (FileStatus.IdentityOf(_file) == _fileIdentity)
                File.Delete(_file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            IoLog.FileNotDeleted(_system.Pool.Logger, _file, e);
        }
    }

    [Flags]
    private enum PauseCauses
    {
        None = 0,
        Shortage = 1,
        Network = 2,
    }

    private sealed class Arrival(SocketListener listener) : IoResult<SocketConnection>
    {
        /// <summary>Where the operating system writes who has connected.</summary>
        public byte[] Peer { get; } = GC.AllocateArray<byte>(NativeSockets.MostAddressBytes, pinned: true);

        protected override SocketConnection Make(int result)
        {
            listener._told = PauseCauses.None;
            var family = listener.LocalEndPoint.AddressFamily;
            int length = Source.Wanted.AddressLength;
            var remote = length > 0 ? Addresses.Read(Peer.AsSpan(0, length), family) : null;
            var connection = SocketConnection.Accepted(listener._system, result, listener.LocalEndPoint, listener._options.Connections, remote);
            bool wasRefused = listener._hasRefused;
            listener._hasRefused = connection.SetUpFailure is not null;
            if (connection.SetUpFailure is { } failure && !wasRefused)
                IoLog.ConnectionNotSetUp(listener._system.Pool.Logger, listener.LocalEndPoint, failure);
            return connection;
        }
    }
}
