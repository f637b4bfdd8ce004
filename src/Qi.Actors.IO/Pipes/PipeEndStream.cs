using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>An end of a pipe as a stream. See <see cref="PipeEnd.AsStream"/>.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class PipeEndStream(PipeEnd end, bool leaveOpen) : Stream
{
    private int _isDisposed;

    public override bool CanRead => !end.IsWriting && Atomic.Read(ref _isDisposed) == 0;

    public override bool CanWrite => end.IsWriting && Atomic.Read(ref _isDisposed) == 0;

    public override bool CanSeek => false;

    public override long Length => throw NoPosition();

    public override long Position
    {
        get => throw NoPosition();
        set => throw NoPosition();
    }

    public override long Seek(long offset, SeekOrigin origin) => throw NoPosition();

    public override void SetLength(long value) => throw NoPosition();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        RequireOpen();
        return end.ReadAsync(buffer, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        RequireOpen();
        return end.WriteAsync(buffer, cancellationToken);
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
        => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count)
        => WriteAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    // Nothing is kept back: there is nothing to flush.
    public override void Flush() => RequireOpen();

    public override string ToString() => $"stream over {end}";

    protected override void Dispose(bool disposing)
    {
        if (disposing && Atomic.Exchange(ref _isDisposed, 1) == 0 && !leaveOpen)
            end.Dispose();
        base.Dispose(disposing);
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(Atomic.Read(ref _isDisposed) != 0, this);

    private static NotSupportedException NoPosition()
        => new("A pipe is read and written in order: it has no length and no position. Copy it to a MemoryStream to move around in it.");
}
