using System.Net;
using System.Net.Sockets;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

/// <summary>A connection of bytes: TCP, or a Unix socket.</summary>
/// <remarks>
/// <b>Threads</b>: any; one read and one write at a time. <b>Cost</b>: a read or write that need not wait is one system call; one that must wait suspends the
/// awaiting coroutine, without an allocation.
/// </remarks>
public sealed class SocketConnection : IAsyncDisposable, IDisposable
{
    private readonly ActorSystem _system;
    private readonly IoHandle _handle;
    private readonly AddressFamily _family;
    private readonly IoSource _reads;
    private readonly IoSource _writes;
    private EndPoint? _local;
    private EndPoint? _remote;

    private SocketConnection(ActorSystem system, IoHandle handle, AddressFamily family, EndPoint? remote)
    {
        IoWait.Register();
        _system = system;
        _handle = handle;
        _family = family;
        _remote = remote;
        _reads = new IoSource(system.Pool, handle, error => Failure("Reading from", error));
        _writes = new IoSource(system.Pool, handle, error => Failure("Writing to", error));
    }

    /// <summary>The address at this end.</summary>
    /// <exception cref="ObjectDisposedException">The connection is closed, and this was not asked before.</exception>
    public EndPoint LocalEndPoint => _local ??= Addresses.LocalOf(_handle, _family);

    /// <summary>The address at the other end.</summary>
    /// <exception cref="ObjectDisposedException">The connection is closed, and this was not asked before.</exception>
    public EndPoint RemoteEndPoint => _remote ??= Addresses.PeerOf(_handle, _family);

    /// <summary>Connects.</summary>
    /// <param name="system">Whose dispatchers serve it.</param>
    /// <param name="remote">Where to: an <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="options">How it is set up; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">It was refused, or cannot be reached.</exception>
    public static async ValueTask<SocketConnection> ConnectAsync(
        ActorSystem system, EndPoint remote, SocketOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        Addresses.Require(remote);
        options ??= SocketOptions.Default;
        options.Validate();
        var reactors = system.Pool.Reactors;
        var handle = reactors.Own(NativeSockets.Open(remote.AddressFamily, SocketType.Stream, reactors.Plan.IsNonBlocking), IoHandleKind.Stream);
        var connection = new SocketConnection(system, handle, remote.AddressFamily, remote);
        try
        {
            options.ApplyTo(handle, remote.AddressFamily != AddressFamily.Unix);
            connection.Open();
            var source = new IoSource(system.Pool, handle, error => connection.Failure("Connecting to", error));
            source.Begin();
            var (bytes, length) = Addresses.Of(remote);
            source.Wanted.Kind = IoKind.Connect;
            source.Wanted.Address = bytes;
            source.Wanted.AddressLength = length;
            await source.RunVoidAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Reads what is there, waiting until there is something.</summary>
    /// <param name="buffer">What to read into.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many bytes; 0 when the other end sends no more.</returns>
    /// <exception cref="IOException">The connection is broken; the inner <see cref="SocketException"/> says how.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no byte is lost.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _reads.Begin();
        _reads.Wanted.Kind = buffer.IsEmpty ? IoKind.WaitReadable : IoKind.Receive;
        _reads.Wanted.Memory = buffer;
        return _reads.RunAsync(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    /// <summary>Writes everything, waiting for room as needed.</summary>
    /// <param name="buffer">What to write. It must not change before the end.</param>
    /// <param name="cancellationToken">Ends the wait. A part may have been sent: the connection is of no more use then.</param>
    /// <exception cref="IOException">The connection is broken; the inner <see cref="SocketException"/> says how.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return default;
        _writes.Begin();
        _writes.Wanted.Kind = IoKind.Send;
        _writes.Wanted.Memory = System.Runtime.InteropServices.MemoryMarshal.AsMemory(buffer);
        return _writes.RunVoidAsync(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    /// <summary>Says to the other end that no more will be sent. Reading goes on.</summary>
    /// <exception cref="SocketException">The connection is broken.</exception>
    public void EndWriting() => NativeSockets.Shutdown(_handle, SocketShutdown.Send);

    /// <summary>Closes the connection: what waits ends with an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _handle.Close();

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    /// <inheritdoc/>
    public override string ToString() => $"connection to {Describe()}";

    internal static SocketConnection Accepted(ActorSystem system, nint descriptor, AddressFamily family, SocketOptions options)
    {
        var handle = system.Pool.Reactors.Own(descriptor, IoHandleKind.Stream);
        var connection = new SocketConnection(system, handle, family, null);
        try
        {
            options.ApplyTo(handle, family != AddressFamily.Unix);
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Open() => _system.Pool.Reactors.Attach(_handle);

    // The other end of what is closed or broken may be unknown for good.
    private string Describe()
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

    private Exception Failure(string what, int error)
    {
        string where = Describe();
        if (_handle.IsClosed)
            return new ObjectDisposedException(nameof(SocketConnection), $"{what} {where}: the connection is closed.");
        var inner = new SocketException((int)IoErrors.ToSocketError(error));
        return new IOException($"{what} {where} failed: {inner.Message}.", inner);
    }
}
