// The slow ways: what waits for a disk or for the file system. A ring's operation and its source live as long as the wait; beside a disk their allocation is nothing.

using System.Runtime.InteropServices;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

public sealed partial class AsyncFile
{
    private readonly Lock _appendLock = new();

    /// <summary>Writes all bytes at the end of the file, in one piece as long as the file system has room.</summary>
    /// <param name="buffer">What to write. It must not change before the end.</param>
    /// <param name="cancellationToken">Ends the wait for a thread, not that for a disk.</param>
    /// <remarks><b>Order</b>: appends in progress at once stand one after the other, in any order. Await one before the next if order matters.</remarks>
    /// <inheritdoc cref="WriteAtAsync(ReadOnlyMemory{byte}, long, CancellationToken)" path="/exception"/>
    public ValueTask AppendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        => BlockVoid("Appending", buffer.Length, null, () => Append(buffer.Span), FileAccess.Write, cancellationToken);

    /// <summary>Makes durable what was written by operations that have ended.</summary>
    /// <param name="onlyContent">Leaves out what is not needed to read it again, such as the time of the last write. Default: nothing is left out.</param>
    /// <param name="cancellationToken">Ends the wait if that is possible.</param>
    /// <exception cref="IOException">The disk failed: what was written since the last flush may be lost, even if a later flush succeeds.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; what was durable by then is not known.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public ValueTask FlushAsync(bool onlyContent = false, CancellationToken cancellationToken = default)
    {
        if (IoSource.IsCancelledAhead(cancellationToken))
            return ValueTask.FromCanceled(cancellationToken);
        if (_hasRing && !onlyContent)
        {
            var source = Operation(IoKind.Sync, default, 0, "Flushing");
            return source.RunVoidAsync(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return BlockVoid("Flushing", null, null, () => Flush(onlyContent), default, cancellationToken);
    }

    /// <summary>Makes the file longer, with zeros, or shorter.</summary>
    /// <param name="length">How long it is to be.</param>
    /// <param name="cancellationToken">Ends the wait for a thread.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="IOException">The file system refuses: too large, no room, or the disk failed.</exception>
    /// <exception cref="UnauthorizedAccessException">The file was not opened for writing.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before it began.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public ValueTask SetLengthAsync(long length, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return BlockVoid(
            "Setting the length to",
            length,
            null,
            () =>
            {
                RandomAccess.SetLength(_file, length);
                return 0;
            },
            FileAccess.Write,
            cancellationToken);
    }

    private ValueTask<int> ReadLater(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        if (_hasRing && _access.HasFlag(FileAccess.Read))
            return Operation(IoKind.ReadAt, buffer, offset, "Reading").RunAsync(Timeout.InfiniteTimeSpan, cancellationToken);
        return Block("Reading", buffer.Length, offset, () => RandomAccess.Read(_file, buffer.Span, offset), FileAccess.Read, cancellationToken);
    }

    private ValueTask WriteLater(ReadOnlyMemory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        if (_hasRing && _access.HasFlag(FileAccess.Write))
            return Operation(IoKind.WriteAt, MemoryMarshal.AsMemory(buffer), offset, "Writing").RunVoidAsync(Timeout.InfiniteTimeSpan, cancellationToken);
        return BlockVoid(
            "Writing",
            buffer.Length,
            offset,
            () =>
            {
                RandomAccess.Write(_file, buffer.Span, offset);
                return 0;
            },
            FileAccess.Write,
            cancellationToken);
    }

    private IoSource Operation(IoKind kind, Memory<byte> memory, long offset, string verb)
    {
        var source = new IoSource(_system.Pool, _handle, new FileOperation(this, verb, kind == IoKind.Sync ? null : memory.Length, offset));
        source.Begin();
        source.Wanted.Kind = kind;
        source.Wanted.Memory = memory;
        source.Wanted.Offset = offset;
        return source;
    }

    // A thread that has begun cannot be called back, and has the memory: even a cancelled coroutine waits for it.
    private ValueTask<T> Block<T>(string verb, long? count, long? offset, Func<T> work, FileAccess needed, CancellationToken cancellationToken)
    {
        if (!_access.HasFlag(needed))
            return ValueTask.FromException<T>(FileErrors.NotOpenedFor(needed, FileErrors.Sentence(verb, count, offset, Path)));
        return LentTask<T>.Of((File: this, verb, count, offset, work), static (work, token) => work.File.BlockAsync(work.verb, work.count, work.offset, work.work, token), cancellationToken);
    }

    private ValueTask BlockVoid(string verb, long? count, long? offset, Func<int> work, FileAccess needed, CancellationToken cancellationToken)
    {
        if (!_access.HasFlag(needed))
            return ValueTask.FromException(FileErrors.NotOpenedFor(needed, FileErrors.Sentence(verb, count, offset, Path)));
        return LentTask<int>.OfVoid((File: this, verb, count, offset, work), static (work, token) => work.File.BlockAsync(work.verb, work.count, work.offset, work.work, token), cancellationToken);
    }

    private async ValueTask<T> BlockAsync<T>(string verb, long? count, long? offset, Func<T> work, CancellationToken cancellationToken)
    {
        if (!_handle.TryUse())
            throw Closed(verb);
        try
        {
            return await _system.RunBlocking(work, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (e.GetType() == typeof(IOException))
        {
            throw FileErrors.Describe(e, FileErrors.Sentence(verb, count, offset, Path));
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw FileErrors.TooLarge(e, FileErrors.Sentence(verb, count, offset, Path)); // the framework's word for EFBIG
        }
        finally
        {
            _handle.EndUse();
        }
    }

    private int Append(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int written = NativeFiles.Append(_handle, buffer);
            if (written == -IoErrors.NotImplemented)
            {
                lock (_appendLock)
                    RandomAccess.Write(_file, buffer, RandomAccess.GetLength(_file));
                return 0;
            }

            if (written < 0)
                throw FileErrors.Of(-written, FileErrors.Sentence("Appending", buffer.Length, null, Path), Path);
            buffer = buffer[written..];
        }

        return 0;
    }

    private int Flush(bool onlyContent)
    {
        int result = onlyContent ? NativeFiles.SyncContent(_handle) : -IoErrors.NotImplemented;
        if (result == -IoErrors.NotImplemented)
            RandomAccess.FlushToDisk(_file);
        else if (result < 0)
            throw FileErrors.Of(-result, FileErrors.Sentence("Flushing", null, null, Path), Path);
        return 0;
    }

    /// <summary>What one operation does, for the words of its failure.</summary>
    private sealed class FileOperation(AsyncFile file, string verb, int? count, long offset) : IIoOwner
    {
        public string Describe(IoKind kind) => FileErrors.Sentence(verb, count, count is null ? null : offset, file.Path);

        public Exception Failure(IoKind kind, int error)
            => error == IoErrors.Canceled && file._handle.IsClosed ? file.Closed(verb) : FileErrors.Of(error, Describe(kind), file.Path);
    }
}
