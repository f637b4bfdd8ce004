using System.Buffers;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>A file as a stream. See <see cref="AsyncFile.AsStream"/>.</summary>
internal sealed class AsyncFileStream(AsyncFile file, FileAccess access, bool leaveOpen) : Stream
{
    // A write that goes to a thread costs as much as copying some tens of KiB, so there should be few of them; and yet a piece should stay in the processor's cache.
    private const int CopyBytes = 256 * 1024;

    private long _position;
    private int _isInUse;
    private bool _isDisposed;

    public override bool CanRead => !_isDisposed && access.HasFlag(FileAccess.Read);

    public override bool CanWrite => !_isDisposed && access.HasFlag(FileAccess.Write);

    public override bool CanSeek => !_isDisposed;

    public override long Length => file.Length;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return LentTask<int>.Of((Stream: this, buffer), static (read, token) => read.Stream.ReadOnAsync(read.buffer, token), cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return LentTask<int>.OfVoid((Stream: this, buffer), static (write, token) => write.Stream.WriteOnAsync(write.buffer, token), cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ValidateCopyToArguments(destination, bufferSize);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PieceBytes(Math.Min(bufferSize, CopyBytes)));
        try
        {
            int count;
            while ((count = await ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // As much as is left, within bounds; what has no length is copied in the largest pieces.
    private int PieceBytes(int least)
    {
        try
        {
            return (int)Math.Clamp(Length - _position, least, CopyBytes);
        }
        catch (NotSupportedException)
        {
            return CopyBytes;
        }
    }

    public override long Seek(long offset, SeekOrigin origin)
        => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => Length + offset,
        };

    public override void SetLength(long value)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        file.SetLengthAsync(value).AsTask().GetAwaiter().GetResult();
        _position = Math.Min(_position, value);
    }

    // Nothing is kept back: whoever wants the bytes to be durable asks the file.
    public override void Flush() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Task.CompletedTask;
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        if (disposing && !leaveOpen)
            file.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadOnAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Begin();
        int count = 0;
        try
        {
            return count = await file.ReadAtAsync(buffer, _position, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            End(count);
        }
    }

    private async ValueTask<int> WriteOnAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        Begin();
        int count = 0;
        try
        {
            await file.WriteAtAsync(buffer, _position, cancellationToken).ConfigureAwait(false);
            return count = buffer.Length;
        }
        finally
        {
            End(count);
        }
    }

    private void Begin()
    {
        if (Atomic.Exchange(ref _isInUse, 1) != 0)
            throw new InvalidOperationException($"A read or write of the stream of {file} is in progress. Await each before the next, or use the file itself, at offsets.");
    }

    private void End(int count)
    {
        _position += count;
        Atomic.Exchange(ref _isInUse, 0);
    }
}
