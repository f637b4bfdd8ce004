using System.Net;
using System.Net.Sockets;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

/// <summary>A connection of bytes: TCP, or a Unix socket.</summary>
/// <remarks>
/// <b>Threads</b>: any; one read and one write at a time. <b>Cost</b>: a read or write that need not wait is one system call; one that must wait suspends the
/// awaiting coroutine, without an allocation. <b>Order</b>: bytes arrive as they were written. A connection must be disposed of: nothing else closes it before
/// its system stops, but that one which could not be set up when it was accepted comes closed.
/// </remarks>
public sealed partial class SocketConnection : IAsyncDisposable, IDisposable, IIoOwner
{
    private readonly ActorSystem _system;
    private readonly IoHandle _handle;
    private readonly AddressFamily _family;
    private readonly IoSource _reads;
    private readonly IoSource _writes;
    private Arrival? _arrivals;
    private readonly bool _closesSlowly;
    private EndPoint? _local;
    private EndPoint? _remote;
    private bool _hasEndedWriting;
    private Exception? _setUpFailure;

    private SocketConnection(ActorSystem system, nint descriptor, AddressFamily family, SocketOptions options, EndPoint? remote)
    {
        IoWait.Register();
        _system = system;
        _family = family;
        _remote = remote;
        _closesSlowly = options.Linger > TimeSpan.Zero;
        IsResetWhenClosed = options.Linger == TimeSpan.Zero;
        _handle = system.Pool.Reactors.Own(descriptor, IoHandleKind.Stream, Release);
        _handle.IsEmptyAfterShortRead = family != AddressFamily.Unix;
        _reads = new IoSource(system.Pool, _handle, this);
        _writes = new IoSource(system.Pool, _handle, this);
    }

    /// <summary>The descriptor, for tests of what was set.</summary>
    internal IoHandle Handle => _handle;

    /// <summary>Whether closing it throws away what is not sent, because its options say so.</summary>
    internal bool IsResetWhenClosed { get; }

    /// <summary>Why an accepted connection was closed before anybody had it; null if it was not.</summary>
    internal Exception? SetUpFailure => _setUpFailure;

    /// <summary>What reads go through, for tests of late cancels.</summary>
    internal IoSource Reads => _reads;

    /// <summary>The address at this end.</summary>
    /// <exception cref="ObjectDisposedException">The connection is closed, and this was not asked before.</exception>
    /// <exception cref="SocketException">The connection is broken, and this was not asked before.</exception>
    public EndPoint LocalEndPoint => _local ??= AddressBy(Addresses.LocalOf);

    /// <summary>The address at the other end.</summary>
    /// <exception cref="ObjectDisposedException">The connection is closed, and this was not asked before.</exception>
    /// <exception cref="SocketException">The connection is broken, and this was not asked before.</exception>
    public EndPoint RemoteEndPoint => _remote ??= AddressBy(Addresses.PeerOf);

    /// <summary>Says to the other end that no more will be sent. Reading goes on.</summary>
    /// <exception cref="IOException">The connection is broken; the inner exception, a <see cref="SocketException"/> as a rule, says how.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    public void EndWriting()
    {
        if (_handle.IsClosed)
            throw Failure($"Ending the writing to {Remote()}");
        Atomic.Write(ref _hasEndedWriting, true);
        try
        {
            NativeSockets.Shutdown(_handle, SocketShutdown.Send);
        }
        catch (SocketException e)
        {
            throw new IOException($"Ending the writing to {Remote()} failed: {Addresses.TextOf(e)}", e);
        }
    }

    /// <summary>
    /// Closes the connection: what waits ends with an <see cref="ObjectDisposedException"/>. What was written is sent on, unless <see cref="SocketOptions.Linger"/>
    /// says otherwise; if there are bytes that nobody has read, the system resets the connection.
    /// </summary>
    public void Dispose() => _handle.Close();

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <inheritdoc/>
    public override string ToString() => $"connection to {Remote()}";

    string IIoOwner.Describe(IoKind kind) => kind switch
    {
        IoKind.Connect => $"Connecting to {Remote()}",
        IoKind.Send or IoKind.SendVectored => $"Writing to {Remote()}",
        _ => $"Reading from {Remote()}",
    };

    Exception IIoOwner.Failure(IoKind kind, int error)
    {
        string what = ((IIoOwner)this).Describe(kind);
        if (_handle.IsClosed)
            return Failure(what);
        var inner = new SocketException((int)IoErrors.ToSocketError(error));
        return new IOException($"{what} failed: {ReasonOf(kind, inner)}", inner);
    }

    private string ReasonOf(IoKind kind, SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.Shutdown when Atomic.Read(ref _hasEndedWriting) => "this end has ended its writing by EndWriting. Write before that.",
        SocketError.AddressNotAvailable when kind == IoKind.Connect && _family == AddressFamily.Unix => "there is no such socket. Start the server first, or look at the path.",
        _ => Addresses.TextOf(failure),
    };

    private EndPoint AddressBy(Func<IoHandle, AddressFamily, EndPoint> ask)
    {
        try
        {
            return ask(_handle, _family);
        }
        catch (ObjectDisposedException)
        {
            throw new ObjectDisposedException(nameof(SocketConnection), "The connection is closed, and its addresses were not asked for before. Ask while it is open.");
        }
    }

    // Of one that is closed.
    private Exception Failure(string what) => _setUpFailure is { } cause
        ? new IOException($"{what} failed: the connection could not be set up when it was accepted, and was closed. {cause.Message}", cause)
        : new ObjectDisposedException(nameof(SocketConnection), $"{what}: the connection is closed.");

    /// <summary>A connection that a listener has accepted. If it cannot be set up it is closed, and says why to whoever uses it: the listener has nothing to do with it.</summary>
    internal static SocketConnection Accepted(ActorSystem system, nint descriptor, EndPoint listening, SocketOptions options, EndPoint? remote)
    {
        var family = listening.AddressFamily;
        var connection = new SocketConnection(system, descriptor, family, options, remote);
        try
        {
            connection.SetUp(options, family != AddressFamily.Unix);
            system.Pool.Reactors.Attach(connection._handle);
        }
        catch (Exception e) when (e is SocketException or PlatformException)
        {
            connection._setUpFailure = e;
            connection._local = listening; // a logger may ask, and must not be the next that fails
            connection._remote ??= family == AddressFamily.Unix ? Addresses.Read([], family) : null;
            connection.Dispose();
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        return connection;
    }

    // macOS refuses options of a connection that the other end has reset already. Its reads say so; the listener has nothing to do with it.
    private void SetUp(SocketOptions options, bool isTcp)
    {
        try
        {
            options.ApplyTo(_handle, isTcp);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.InvalidArgument && OperatingSystem.IsMacOS())
        {
        }
    }

    // With a positive linger time the operating system blocks whoever closes until the other end has confirmed everything.
    private void Release(IoHandle handle)
    {
        _reads.OnHandleClosed();
        _writes.OnHandleClosed();
        if (_closesSlowly)
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection._system.Pool.Reactors.Release(connection._handle), this, preferLocal: false);
        else
            _system.Pool.Reactors.Release(handle);
    }

    // The other end of what is closed or broken may be unknown for good.
    private string Remote()
    {
        try
        {
            return RemoteEndPoint.ToString()!;
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            return "an unknown peer";
        }
    }
}
