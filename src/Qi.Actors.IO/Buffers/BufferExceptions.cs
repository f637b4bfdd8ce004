namespace Qi.Actors.IO;

/// <summary>A buffer was not to be had: the pool's memory limit is reached.</summary>
public sealed class BufferLimitException : InvalidOperationException
{
    internal BufferLimitException(int requestedBytes, BufferPoolStatistics statistics)
        : base($"A buffer of {requestedBytes} bytes was refused: the pool holds {statistics.HeldBytes} of at most {statistics.LimitBytes} bytes, "
            + $"of which {statistics.InUseBytes} are rented. Return buffers sooner, use TryRent and wait, or raise the limit: QiActorsOptions.MemoryLimit of a system, BufferPoolOptions.MemoryLimitBytes of a pool of your own.")
    {
        RequestedBytes = requestedBytes;
        LimitBytes = statistics.LimitBytes;
        HeldBytes = statistics.HeldBytes;
        InUseBytes = statistics.InUseBytes;
    }

    /// <summary>Bytes that were asked for.</summary>
    public int RequestedBytes { get; }

    /// <summary>The limit: <see cref="BufferPoolOptions.MemoryLimitBytes"/>.</summary>
    public long LimitBytes { get; }

    /// <summary>Bytes that the pool held, rented or not.</summary>
    public long HeldBytes { get; }

    /// <summary>Bytes of the buffers that were rented.</summary>
    public long InUseBytes { get; }
}

/// <summary>A buffer was used against the rules: returned twice, or used after its return.</summary>
/// <remarks>This is a bug of the program. Somebody else may have got the same memory meanwhile.</remarks>
public sealed class BufferMisuseException : InvalidOperationException
{
    private BufferMisuseException(string what, Slab slab, string remedy)
        : base($"A buffer of {slab.Length} bytes (at {slab.Offset} of chunk {slab.Chunk.Index}) was {what}. {remedy}")
        => LengthBytes = slab.Length;

    /// <summary>Bytes of the buffer.</summary>
    public int LengthBytes { get; }

    internal static BufferMisuseException ReturnedTwice(Slab slab)
        => new("returned twice", slab, "Let one place own each buffer, and hand the buffer on together with the duty to return it.");

    internal static BufferMisuseException UsedAfterReturn(Slab slab)
        => new("used after its return", slab, "Return it when the last use is over, or copy what is needed longer.");

    internal static BufferMisuseException WrittenAfterReturn(Slab slab)
        => new(
            "written to after its return",
            slab,
            "Look for a Span or Memory that outlives its buffer, or for an operation of the system that was still writing. It was found at the next rent.");
}
