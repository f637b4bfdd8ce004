using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

/// <summary>A datagram that was received.</summary>
/// <param name="Count">How many bytes of it are in the buffer.</param>
/// <param name="Length">How long it was: more than <paramref name="Count"/> if the buffer was too small, and the rest is lost (except with kqueue). <b>Units</b>: bytes.</param>
/// <param name="RemoteEndPoint">Who has sent it. The same object for the same sender, as a rule: a socket remembers up to 1,024.</param>
public readonly record struct ReceivedDatagram(int Count, int Length, EndPoint RemoteEndPoint)
{
    /// <summary>True if the buffer was too small. With kqueue this is not told, and it is false.</summary>
    public bool IsTruncated => Length > Count;
}

/// <summary>A socket of datagrams: UDP.</summary>
/// <remarks>
/// <b>Threads</b>: any; one receive and one send at a time. <b>Cost</b>: an operation that need not wait is one system call. A send allocates nothing, a receive an
/// endpoint for each new sender; with the portable reactor both allocate. <b>Order</b>: none, and datagrams may be lost: that is UDP.
/// </remarks>
public sealed class DatagramSocket : IAsyncDisposable, IDisposable, IIoOwner
{
    private readonly ActorSystem _system;
    private readonly IoHandle _handle;
    private readonly bool _isDual;
    private readonly Arrival _arrival;
    private readonly IoSource _sends;
    private readonly byte[] _target = GC.AllocateArray<byte>(NativeSockets.MostAddressBytes, pinned: true);
    private int _targetLength;
    private EndPoint? _remote;

    private DatagramSocket(ActorSystem system, EndPoint local, DatagramOptions options)
    {
        IoWait.Register();
        IoWait<ReceivedDatagram>.Register();
        _system = system;
        var reactors = system.Pool.Reactors;
        reactors.RequireReal();
        var family = local.AddressFamily;
        _isDual = family == AddressFamily.InterNetworkV6 && options.DualMode;
        _handle = reactors.Own(NativeSockets.Open(family, SocketType.Dgram, reactors.Plan.IsNonBlocking), IoHandleKind.Datagram, Release);
        _arrival = new Arrival { Source = new IoSource(system.Pool, _handle, this) };
        _sends = new IoSource(system.Pool, _handle, this);
        try
        {
            options.ApplyTo(_handle, family);
            Bind(local);
            LocalEndPoint = Addresses.LocalOf(_handle, family);
            reactors.Attach(_handle);
        }
        catch
        {
            _handle.Close();
            throw;
        }
    }

    /// <summary>The descriptor, for tests of what was set.</summary>
    internal IoHandle Handle => _handle;

    /// <summary>Where it receives, with the port that the system chose if 0 was asked for.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>Whom it was connected to; null if it was not.</summary>
    public EndPoint? RemoteEndPoint => Atomic.Read(ref _remote);

    /// <summary>Makes a socket with an address.</summary>
    /// <param name="system">Whose dispatchers serve it.</param>
    /// <param name="local">Where it receives; port 0 for any.</param>
    /// <param name="options">How it is set up; null for the defaults.</param>
    /// <exception cref="IOException">The address is in use, or may not be used: the inner <see cref="SocketException"/> says which.</exception>
    /// <exception cref="SocketException">The system has no descriptor for it, or refuses an option.</exception>
    /// <exception cref="ArgumentException">An option has a value that it may not have.</exception>
    /// <exception cref="PlatformException">The reactor cannot serve it.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="InvalidOperationException">The system is simulated.</exception>
    public static DatagramSocket Bind(ActorSystem system, IPEndPoint local, DatagramOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(local);
        options ??= DatagramOptions.Default;
        options.Validate();
        return new DatagramSocket(system, local, options);
    }

    /// <summary>Fixes the other end: datagrams of others are dropped from now on, and <see cref="SendAsync"/> sends there.</summary>
    /// <exception cref="IOException">There is no way to it; the inner <see cref="SocketException"/> says why.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void Connect(IPEndPoint remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        var (bytes, length) = Addresses.Of(Mapped(remote));
        try
        {
            NativeSockets.Connect(_handle, bytes.AsSpan(0, length));
        }
        catch (SocketException e)
        {
            throw new IOException($"Connecting {this} to {remote} failed: {Addresses.TextOf(e)}", e);
        }

        Atomic.Write(ref _remote, remote);
    }

    /// <summary>Waits for the next datagram.</summary>
    /// <param name="buffer">What to read into; 65,527 bytes hold any. What does not fit is lost: an empty one loses all of the datagram.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">It failed; after <see cref="Connect"/> also because the other end has refused an earlier datagram.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no datagram is lost.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="InvalidOperationException">Another receive is in progress, or its result was not awaited.</exception>
    public ValueTask<ReceivedDatagram> ReceiveFromAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var source = _arrival.Source;
        source.Begin();
        source.Wanted.Kind = IoKind.ReceiveFrom;
        source.Wanted.Memory = buffer;
        source.Wanted.Address = _arrival.Sender;
        return _arrival.RunAsync(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    /// <summary>Sends one datagram.</summary>
    /// <param name="buffer">What to send: all of it or nothing. It must not change before the end.</param>
    /// <param name="remote">To whom.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <exception cref="IOException">It failed; the inner <see cref="SocketException"/> says how: <see cref="SocketError.MessageSize"/> if it is too long.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, and nothing was sent.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="InvalidOperationException">Another send is in progress, or its result was not awaited.</exception>
    public ValueTask SendToAsync(ReadOnlyMemory<byte> buffer, IPEndPoint remote, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(remote);
        _sends.Begin();
        try
        {
            _targetLength = InternetAddresses.Write(remote, _isDual, _target);
        }
        catch
        {
            _sends.Abandon();
            throw;
        }

        _sends.Wanted.Kind = IoKind.SendTo;
        _sends.Wanted.Address = _target;
        _sends.Wanted.AddressLength = _targetLength;
        _sends.Wanted.Memory = MemoryMarshal.AsMemory(buffer);
        return _sends.RunVoidAsync(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    /// <summary>Sends one datagram to the other end. After <see cref="Connect"/>.</summary>
    /// <inheritdoc cref="SendToAsync" path="/*[not(self::summary)]"/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (RemoteEndPoint is null)
            throw new InvalidOperationException($"{this} is not connected. Call Connect first, or use SendToAsync.");
        _sends.Begin();
        _sends.Wanted.Kind = IoKind.Send;
        _sends.Wanted.Memory = MemoryMarshal.AsMemory(buffer);
        return _sends.RunVoidAsync(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    /// <summary>Closes the socket: what waits ends with an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _handle.Close();

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <inheritdoc/>
    public override string ToString() => $"datagrams at {LocalEndPoint}";

    string IIoOwner.Describe(IoKind kind) => kind switch
    {
        IoKind.SendTo => $"Sending from {LocalEndPoint} to {Target()}",
        IoKind.Send => $"Sending from {LocalEndPoint} to {RemoteEndPoint}",
        _ => $"Receiving at {LocalEndPoint}",
    };

    Exception IIoOwner.Failure(IoKind kind, int error)
    {
        string what = ((IIoOwner)this).Describe(kind);
        if (_handle.IsClosed)
            return new ObjectDisposedException(nameof(DatagramSocket), $"{what}: the socket is closed.");
        var inner = new SocketException((int)IoErrors.ToSocketError(error));
        return new IOException($"{what} failed: {Addresses.TextOf(inner)}", inner);
    }

    private void Bind(EndPoint local)
    {
        var (bytes, length) = Addresses.Of(local);
        try
        {
            NativeSockets.Bind(_handle, bytes.AsSpan(0, length));
        }
        catch (SocketException e)
        {
            throw new IOException($"Receiving at {local} failed: {Addresses.TextOf(e)}", e);
        }
    }

    private IPEndPoint Target()
    {
        var target = InternetAddresses.Read(_target.AsSpan(0, _targetLength));
        return target.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(target.Address.MapToIPv4(), target.Port) : target;
    }

    private IPEndPoint Mapped(IPEndPoint remote)
        => _isDual && remote.AddressFamily == AddressFamily.InterNetwork ? new IPEndPoint(remote.Address.MapToIPv6(), remote.Port) : remote;

    private void Release(IoHandle handle)
    {
        _arrival.Source.OnHandleClosed();
        _sends.OnHandleClosed();
        _system.Pool.Reactors.Release(handle);
    }

    private sealed class Arrival : IoResult<ReceivedDatagram>
    {
        private readonly Senders _senders = new();

        /// <summary>Where the operating system writes who has sent.</summary>
        public byte[] Sender { get; } = GC.AllocateArray<byte>(NativeSockets.MostAddressBytes, pinned: true);

        protected override ReceivedDatagram Make(int result)
            => new(Math.Min(result, Source.Wanted.Memory.Length), result, _senders.Find(Sender.AsSpan(0, Source.Wanted.AddressLength)));
    }
}
