// The fast ways of reads and writes. Each holds a share of the handle during its call; if the call would have to wait, the slow way begins anew with its own share.

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

public sealed partial class AsyncFile
{
    private const int MostYields = 32;

    /// <summary>Reads bytes at an offset.</summary>
    /// <param name="buffer">What to read into. It must not be touched before the end.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="cancellationToken">Ends the wait for a disk if that is possible; then nothing counts as read.</param>
    /// <returns>
    /// How many. 0 at the end of the file and after it, also if the file was made shorter meanwhile; fewer than asked for near the end, or when only a part is in memory.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative, or the end of the range is above <see cref="long.MaxValue"/>.</exception>
    /// <exception cref="IOException">The disk failed; <see cref="Exception.HResult"/> is the system's error number.</exception>
    /// <exception cref="UnauthorizedAccessException">The file was not opened for reading.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public ValueTask<int> ReadAtAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length);
        if (IoSource.IsCancelledAhead(cancellationToken))
            return ValueTask.FromCanceled<int>(cancellationToken);
        if (!_canReadNow || cancellationToken.IsCancellationRequested) // by the coroutine's cancel, which the await then takes
            return ReadLater(buffer, offset, cancellationToken);
        var memory = buffer.Span; // before the share is taken: memory that was given back throws
        if (!_handle.TryUse())
            return ValueTask.FromException<int>(Closed("Reading from"));
        int result = NativeFiles.TryRead(_handle, memory, offset, _isInMemory);
        _handle.EndUse();
        if (result >= 0)
            return IoSource.MustYield() ? NextTurn(result) : new ValueTask<int>(result);
        if (result == -IoErrors.NotImplemented)
            _canReadNow = false;
        return ReadLater(buffer, offset, cancellationToken);
    }

    /// <summary>Reads bytes at an offset into several pieces, one after the other.</summary>
    /// <inheritdoc cref="ReadAtAsync(Memory{byte}, long, CancellationToken)"/>
    /// <param name="buffers">What to read into. They must not be touched before the end.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="cancellationToken">Ends the wait for a thread, not that for a disk.</param>
    public ValueTask<long> ReadAtAsync(IReadOnlyList<Memory<byte>> buffers, long offset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        long length = 0;
        for (int index = 0; index < buffers.Count; index++)
            length += buffers[index].Length;
        CheckRange(offset, length);
        if (IoSource.IsCancelledAhead(cancellationToken))
            return ValueTask.FromCanceled<long>(cancellationToken);
        if (_canReadNow && !cancellationToken.IsCancellationRequested && buffers.Count <= FilePieces.Most)
        {
            if (!_handle.TryUse())
                return ValueTask.FromException<long>(Closed("Reading from"));
            int result;
            try
            {
                result = FilePieces.TryRead(_handle, buffers, offset, _isInMemory);
            }
            finally
            {
                _handle.EndUse(); // memory that was given back throws
            }

            if (result >= 0)
                return IoSource.MustYield() ? AsLong(NextTurn(result)) : new ValueTask<long>(result);
            if (result == -IoErrors.NotImplemented)
                _canReadNow = false;
        }

        return Block("Reading", length, offset, () => RandomAccess.Read(_file, buffers, offset), FileAccess.Read, cancellationToken);
    }

    /// <summary>Writes all bytes at an offset. After the end of the file the gap reads as zeros.</summary>
    /// <param name="buffer">What to write. It must not change before the end.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="cancellationToken">Ends the wait if that is possible. A part may have been written.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative, or the end of the range is above <see cref="long.MaxValue"/>.</exception>
    /// <exception cref="IOException">
    /// No room is left, the file would become too large, or the disk failed; <see cref="Exception.HResult"/> is the system's error number. A part may have been written.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The file was not opened for writing.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; a part may have been written.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public ValueTask WriteAtAsync(ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length);
        if (IoSource.IsCancelledAhead(cancellationToken))
            return ValueTask.FromCanceled(cancellationToken);
        if (!_canWriteNow || cancellationToken.IsCancellationRequested) // as in a read
            return WriteLater(buffer, offset, cancellationToken);
        var memory = buffer.Span; // before the share is taken, as in a read
        if (!_handle.TryUse())
            return ValueTask.FromException(Closed("Writing to"));
        int result = NativeFiles.TryWrite(_handle, memory, offset, _isInMemory);
        _handle.EndUse();
        if (result == buffer.Length)
            return IoSource.MustYield() ? NextTurn() : default;
        if (result == -IoErrors.NotImplemented)
            _canWriteNow = false;
        int written = Math.Max(0, result);
        return WriteLater(buffer[written..], offset + written, cancellationToken);
    }

    /// <summary>Writes all bytes of several pieces at an offset, one after the other.</summary>
    /// <inheritdoc cref="WriteAtAsync(ReadOnlyMemory{byte}, long, CancellationToken)"/>
    /// <param name="buffers">What to write. They must not change before the end.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="cancellationToken">Ends the wait for a thread, not that for a disk.</param>
    public ValueTask WriteAtAsync(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        long length = 0;
        for (int index = 0; index < buffers.Count; index++)
            length += buffers[index].Length;
        CheckRange(offset, length);
        return BlockVoid(
            "Writing",
            length,
            offset,
            () =>
            {
                RandomAccess.Write(_file, buffers, offset);
                return 0;
            },
            FileAccess.Write,
            cancellationToken);
    }

    private static async ValueTask<long> AsLong(ValueTask<int> task) => await task.ConfigureAwait(false);

    private static void CheckRange(long offset, long length)
    {
        if (offset < 0 || offset > long.MaxValue - length)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"The range of {length} bytes at {offset} is outside of a file: use offsets from 0 up to {long.MaxValue - length}.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask<int> NextTurn(int result)
    {
        var source = YieldWith(result);
        return new ValueTask<int>(source, source.Token);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask NextTurn()
    {
        var source = YieldWith(0);
        return new ValueTask(source, source.Token);
    }

    // As many coroutines may be between two turns at once as like to: those beyond the kept sources get one of their own.
    private IoSource YieldWith(int result)
    {
        foreach (ref var place in _yields.AsSpan())
        {
            var kept = Atomic.Read(ref place);
            if (kept is null)
            {
                kept = new IoSource(_system.Pool, _handle, new FileOperation(this, "Reading", 0, 0));
                Atomic.Write(ref place, kept); // if another thread has just done so, its source is used once and let go
            }

            if (kept.IsIdle && kept.TryBegin())
            {
                kept.Yield(result);
                return kept;
            }
        }

        var source = new IoSource(_system.Pool, _handle, new FileOperation(this, "Reading", 0, 0));
        source.Begin();
        source.Yield(result);
        return source;
    }
}
