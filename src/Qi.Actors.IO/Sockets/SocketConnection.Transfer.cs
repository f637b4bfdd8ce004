using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

public sealed partial class SocketConnection
{
    /// <summary>Reads what is there, waiting until there is something.</summary>
    /// <param name="buffer">What to read into. If it is empty the wait is for something to read, and nothing is read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many bytes; 0 when the other end sends no more.</returns>
    /// <exception cref="IOException">The connection is broken; the inner exception, a <see cref="SocketException"/> as a rule, says how.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no byte is lost.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress, or its result was not awaited.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => ReadOnceAsync(buffer, Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>The same with a deadline. <b>Cost</b>: a read that need not wait looks at no clock.</summary>
    /// <param name="buffer">As in <see cref="ReadAsync(Memory{byte}, CancellationToken)"/>.</param>
    /// <param name="timeout">How long to wait for the first byte. Above zero, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">Nothing has come in time; no byte is lost, and the connection may be read again.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is zero or below, and not infinite.</exception>
    /// <inheritdoc cref="ReadAsync(Memory{byte}, CancellationToken)" path="/*[not(self::summary)]"/>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        RequireTimeout(timeout);
        return ReadOnceAsync(buffer, timeout, cancellationToken);
    }

    /// <summary>Reads what is there into several pieces, each filled before the next.</summary>
    /// <param name="buffers">What to read into; the list is not looked at after the call. If there is no room in it the wait is for something to read, and nothing is read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">They have more than 2,147,483,647 bytes together.</exception>
    /// <inheritdoc cref="ReadAsync(Memory{byte}, CancellationToken)" path="/*[not(self::summary)]"/>
    public ValueTask<int> ReadAsync(IReadOnlyList<Memory<byte>> buffers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        _reads.Begin();
        try
        {
            _reads.Wanted.Kind = IoKind.ReceiveVectored;
            _reads.BeginPieces(buffers.Count);
            long bytes = 0;
            for (int i = 0; i < buffers.Count; i++)
            {
                var piece = buffers[i]; // looked at once: a second look may find another
                _reads.AddPiece(piece);
                bytes += piece.Length;
            }

            RequireLength(bytes, nameof(buffers));
            if (bytes == 0)
                _reads.Wanted.Kind = IoKind.WaitReadable;
        }
        catch
        {
            _reads.Abandon();
            throw;
        }

        return _reads.RunAsync(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    /// <summary>Writes everything, waiting for room as needed.</summary>
    /// <param name="buffer">What to write. It must not change before the end.</param>
    /// <param name="cancellationToken">Ends the wait. A part may have been sent: the connection is of no more use then.</param>
    /// <exception cref="IOException">The connection is broken; the inner exception, a <see cref="SocketException"/> as a rule, says how.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    /// <exception cref="InvalidOperationException">Another write is in progress, or its result was not awaited.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        => WriteAllAsync(buffer, Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>The same with a deadline. <b>Cost</b>: a write that need not wait looks at no clock.</summary>
    /// <param name="buffer">As in <see cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>.</param>
    /// <param name="timeout">How long all of it may take. Above zero, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="cancellationToken">Ends the wait. A part may have been sent: the connection is of no more use then.</param>
    /// <exception cref="TimeoutException">The other end has not taken it in time. A part may have been sent: the connection is of no more use.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is zero or below, and not infinite.</exception>
    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/*[not(self::summary)]"/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        RequireTimeout(timeout);
        return WriteAllAsync(buffer, timeout, cancellationToken);
    }

    /// <summary>Writes several pieces as if they were one.</summary>
    /// <param name="buffers">What to write. The list is not looked at after the call; the bytes must not change before the end.</param>
    /// <param name="cancellationToken">Ends the wait. A part may have been sent: the connection is of no more use then.</param>
    /// <exception cref="ArgumentException">They have more than 2,147,483,647 bytes together.</exception>
    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/*[not(self::summary)]"/>
    public ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> buffers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        _writes.Begin();
        long bytes = 0;
        try
        {
            _writes.Wanted.Kind = IoKind.SendVectored;
            _writes.BeginPieces(buffers.Count);
            for (int i = 0; i < buffers.Count; i++)
            {
                var piece = buffers[i]; // looked at once: a second look may find another
                _writes.AddPiece(piece);
                bytes += piece.Length;
            }

            RequireLength(bytes, nameof(buffers));
        }
        catch
        {
            _writes.Abandon();
            throw;
        }

        return EndPiecesAsync(bytes, cancellationToken);
    }

    /// <summary>Writes the segments of a sequence as if they were one.</summary>
    /// <param name="buffers">What to write. It must not change before the end.</param>
    /// <param name="cancellationToken">Ends the wait. A part may have been sent: the connection is of no more use then.</param>
    /// <exception cref="ArgumentException">They have more than 2,147,483,647 bytes together.</exception>
    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/*[not(self::summary)]"/>
    public ValueTask WriteAsync(ReadOnlySequence<byte> buffers, CancellationToken cancellationToken = default)
    {
        if (buffers.IsSingleSegment)
            return WriteAllAsync(buffers.First, Timeout.InfiniteTimeSpan, cancellationToken);
        RequireLength(buffers.Length, nameof(buffers));
        _writes.Begin();
        try
        {
            int pieces = 0;
            foreach (var _ in buffers)
                pieces++;
            _writes.Wanted.Kind = IoKind.SendVectored;
            _writes.BeginPieces(pieces);
            foreach (var piece in buffers)
                _writes.AddPiece(piece);
        }
        catch
        {
            _writes.Abandon();
            throw;
        }

        return EndPiecesAsync(buffers.Length, cancellationToken);
    }

    internal ValueTask<int> ReadOnceAsync(Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _reads.Begin();
        _reads.Wanted.Kind = buffer.IsEmpty ? IoKind.WaitReadable : IoKind.Receive;
        _reads.Wanted.Memory = buffer;
        return _reads.RunAsync(timeout, cancellationToken);
    }

    /// <summary>Reads what is there into a buffer that the reactor has of this source and takes when something has come.</summary>
    internal ValueTask<Piece> ReceiveAsync(IBufferSource buffers)
    {
        var arrivals = _arrivals ??= Arrival.Of(_reads);
        _reads.Begin();
        _reads.Wanted.Kind = IoKind.ReceiveProvided;
        _reads.Wanted.Buffers = buffers;
        return arrivals.RunAsync(Timeout.InfiniteTimeSpan, default);
    }

    internal ValueTask WriteAllAsync(ReadOnlyMemory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _writes.Begin();
        if (buffer.IsEmpty)
            return WriteNothingAsync(cancellationToken);
        _writes.Wanted.Kind = IoKind.Send;
        _writes.Wanted.Memory = MemoryMarshal.AsMemory(buffer);
        return _writes.RunVoidAsync(timeout, cancellationToken);
    }

    private ValueTask EndPiecesAsync(long bytes, CancellationToken cancellationToken)
        => bytes == 0 ? WriteNothingAsync(cancellationToken) : _writes.RunVoidAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    // The operating system would wait for room to write nothing.
    private ValueTask WriteNothingAsync(CancellationToken cancellationToken)
    {
        _writes.Abandon();
        if (_handle.IsClosed)
            throw Failure($"Writing to {Remote()}");
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : default;
    }

    private static void RequireTimeout(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A timeout is above zero, or Timeout.InfiniteTimeSpan for none.");
    }

    private static void RequireLength(long bytes, string name)
    {
        if (bytes > int.MaxValue)
            throw new ArgumentException($"The pieces have {bytes:N0} bytes together. At most {int.MaxValue:N0} go into one operation: use several.", name);
    }
}
