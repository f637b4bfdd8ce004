using System.Buffers;
using System.Net.Security;
using System.Runtime.Versioning;

using Qi.Actors.IO;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>One end of something that carries bytes both ways, in whatever form it is used.</summary>
internal interface IByteEnd : IDisposable
{
    /// <summary>True if a read that was cancelled may be followed by another one.</summary>
    bool MayCancelReads { get; }

    /// <summary>True if a read may have a deadline.</summary>
    bool HasDeadlines { get; }

    /// <summary>True if its writing may be ended while it is read.</summary>
    bool MayEndWritingBesideReads => true;

    ValueTask<int> ReadAsync(Memory<byte> buffer, Random random, TimeSpan timeout, CancellationToken cancellationToken);

    ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, Random random, TimeSpan timeout, CancellationToken cancellationToken);

    ValueTask EndWritingAsync();
}

/// <summary>A connection, read and written in each of its ways.</summary>
internal sealed class SocketEnd(SocketConnection connection) : IByteEnd
{
    public bool MayCancelReads => true;

    public bool HasDeadlines => true;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, Random random, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
            return connection.ReadAsync(buffer, timeout, cancellationToken);
        int middle = random.Next(2 * buffer.Length);
        return middle < buffer.Length ? connection.ReadAsync([buffer[..middle], buffer[middle..]], cancellationToken) : connection.ReadAsync(buffer, cancellationToken);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, Random random, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
            return connection.WriteAsync(buffer, timeout, cancellationToken);
        int middle = random.Next(buffer.Length);
        return random.Next(3) switch
        {
            0 => connection.WriteAsync(buffer, cancellationToken),
            1 => connection.WriteAsync([buffer[..middle], default, buffer[middle..]], cancellationToken),
            _ => connection.WriteAsync(SequenceOf(buffer[..middle], buffer[middle..]), cancellationToken),
        };
    }

    public ValueTask EndWritingAsync()
    {
        connection.EndWriting();
        return default;
    }

    public void Dispose() => connection.Dispose();

    private static ReadOnlySequence<byte> SequenceOf(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        var begin = new Segment(first, null);
        var end = new Segment(second, begin);
        return new ReadOnlySequence<byte>(begin, 0, end, second.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}

/// <summary>A pipe in each direction.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PipesEnd(PipeEnd reading, PipeEnd writing) : IByteEnd
{
    public bool MayCancelReads => true;

    public bool HasDeadlines => false;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, Random random, TimeSpan timeout, CancellationToken cancellationToken)
        => reading.ReadAsync(buffer, cancellationToken);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, Random random, TimeSpan timeout, CancellationToken cancellationToken)
        => writing.WriteAsync(buffer, cancellationToken);

    public ValueTask EndWritingAsync()
    {
        writing.Dispose();
        return default;
    }

    public void Dispose()
    {
        reading.Dispose();
        writing.Dispose();
    }
}

/// <summary>TLS over a connection's stream.</summary>
internal sealed class TlsEnd(SslStream stream, SocketConnection connection) : IByteEnd
{
    // What TLS has read of a record when its read is cancelled is its own affair.
    public bool MayCancelReads => false;

    public bool HasDeadlines => false;

    // SslStream shuts down without the lock that its reads and writes take, over the framework's own sockets as well: the library beneath it then fails, or crashes.
    public bool MayEndWritingBesideReads => false;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, Random random, TimeSpan timeout, CancellationToken cancellationToken) => stream.ReadAsync(buffer, cancellationToken);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, Random random, TimeSpan timeout, CancellationToken cancellationToken)
        => stream.WriteAsync(buffer, cancellationToken);

    public async ValueTask EndWritingAsync() => await stream.ShutdownAsync();

    // The connection first: who disposes may not be the one who uses the stream.
    public void Dispose() => connection.Dispose();
}
