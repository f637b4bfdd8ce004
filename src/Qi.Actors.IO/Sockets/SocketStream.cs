using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>What becomes of the connection when its stream is disposed of.</summary>
internal enum StreamEnd
{
    /// <summary>It is closed.</summary>
    Close,

    /// <summary>Nothing.</summary>
    Leave,

    /// <summary>The other end is told that no more will be sent.</summary>
    EndWriting,
}

/// <summary>A connection as a stream. See <see cref="SocketConnection.AsStream"/>.</summary>
internal sealed class SocketStream(SocketConnection connection, StreamEnd end) : Stream
{
    private TimeSpan _readTimeout = Timeout.InfiniteTimeSpan;
    private TimeSpan _writeTimeout = Timeout.InfiniteTimeSpan;
    private int _isDisposed;

    public override bool CanRead => Atomic.Read(ref _isDisposed) == 0;

    public override bool CanWrite => Atomic.Read(ref _isDisposed) == 0;

    public override bool CanSeek => false;

    public override bool CanTimeout => true;

    public override int ReadTimeout
    {
        get => MillisecondsOf(_readTimeout);
        set => _readTimeout = TimeOf(value);
    }

    public override int WriteTimeout
    {
        get => MillisecondsOf(_writeTimeout);
        set => _writeTimeout = TimeOf(value);
    }

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
        return connection.ReadOnceAsync(buffer, _readTimeout, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        RequireOpen();
        return connection.WriteAllAsync(buffer, _writeTimeout, cancellationToken);
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
        var read = ReadAsync(buffer.AsMemory(offset, count));
        return read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        var write = WriteAsync(buffer.AsMemory(offset, count));
        if (write.IsCompletedSuccessfully)
            write.GetAwaiter().GetResult();
        else
            write.AsTask().GetAwaiter().GetResult();
    }

    public override IAsyncResult BeginRead(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state)
        => TaskToAsyncResult.Begin(ReadAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state)
        => TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    // Nothing is kept back: there is nothing to flush.
    public override void Flush() => RequireOpen();

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        RequireOpen();
        return cancellationToken.IsCancellationRequested ? Task.FromCanceled(cancellationToken) : Task.CompletedTask;
    }

    public override string ToString() => $"stream over {connection}";

    protected override void Dispose(bool disposing)
    {
        if (disposing && Atomic.Exchange(ref _isDisposed, 1) == 0)
            End();
        base.Dispose(disposing);
    }

    private void End()
    {
        if (end == StreamEnd.Close)
            connection.Dispose();
        if (end != StreamEnd.EndWriting)
            return;
        try
        {
            connection.EndWriting();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The writing has ended already: the connection is broken or closed, which whoever reads is told.
        }
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(Atomic.Read(ref _isDisposed) != 0, this);

    private static int MillisecondsOf(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? Timeout.Infinite : (int)time.TotalMilliseconds;

    private static TimeSpan TimeOf(int value)
    {
        if (value <= 0 && value != Timeout.Infinite)
            throw new ArgumentOutOfRangeException(nameof(value), value, "A timeout is above zero milliseconds, or Timeout.Infinite for none.");
        return TimeSpan.FromMilliseconds(value);
    }

    private static NotSupportedException NoPosition()
        => new("A connection is read and written in order: it has no length and no position. Copy it to a MemoryStream to move around in it.");
}
