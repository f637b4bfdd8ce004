using System.Runtime.InteropServices;

namespace Qi.Actors.IO;

/// <summary>What a <see cref="BufferPool"/> holds. A snapshot; its numbers are read one after the other while others change them.</summary>
public sealed record BufferPoolStatistics
{
    /// <summary>The limit in bytes, or 0 if there is none.</summary>
    public required long LimitBytes { get; init; }

    /// <summary>Bytes of all chunks, rented or free.</summary>
    public required long HeldBytes { get; init; }

    /// <summary>The most that <see cref="HeldBytes"/> has been.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Rents that were refused because of the limit.</summary>
    public required long Refusals { get; init; }

    /// <summary>Buffers that were returned by another thread than their owner's, and still count as in use, about.</summary>
    public required int ReturnsWaiting { get; init; }

    /// <summary>Threads' own pools, and the shared one; also closed ones that wait for buffers.</summary>
    public required int Pools { get; init; }

    /// <summary>The sizes, from the smallest.</summary>
    public required IReadOnlyList<BufferSizeStatistics> Sizes { get; init; }

    /// <summary>Bytes of the buffers that are rented.</summary>
    public long InUseBytes => Sizes.Sum(static size => (long)size.InUse * size.BufferBytes);

    /// <summary>Bytes of the free buffers.</summary>
    public long PooledBytes => Sizes.Sum(static size => (long)size.Pooled * size.BufferBytes);

    /// <summary>
    /// The share of the memory, from 0 to 1, that is free and cannot be let go, because it shares its chunk with a rented buffer.
    /// </summary>
    public double Fragmentation
    {
        get
        {
            long held = Sizes.Sum(static size => size.HeldBytes);
            long idle = Sizes.Sum(static size => size.IdleBytes);
            return held == 0 ? 0 : Math.Clamp((double)(PooledBytes - idle) / held, 0, 1);
        }
    }
}

/// <summary>What a pool holds of one size.</summary>
public sealed record BufferSizeStatistics
{
    /// <summary>Bytes of each buffer.</summary>
    public required int BufferBytes { get; init; }

    /// <summary>Buffers that are rented, and those that another thread has returned and the owner has not taken back.</summary>
    public required int InUse { get; init; }

    /// <summary>Buffers that are free.</summary>
    public required int Pooled { get; init; }

    /// <summary>The most that were in use at once, summed over the owners, each at its own peak: an upper bound.</summary>
    public required int HighWater { get; init; }

    /// <summary>Chunks.</summary>
    public required int Chunks { get; init; }

    /// <summary>Bytes of the chunks.</summary>
    public required long HeldBytes { get; init; }

    /// <summary>Bytes of those chunks that have no rented buffer: what a trim can let go.</summary>
    public required long IdleBytes { get; init; }
}

/// <summary>Sums over the owners, for one size.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct ClassCounts
{
    private int _inUse;
    private int _highWater;
    private int _chunks;
    private int _idleChunks;

    /// <summary>Adds one owner's.</summary>
    public void Add(SlabClass slabClass)
    {
        _inUse += slabClass.InUse;
        _highWater += slabClass.HighWater;
        _chunks += slabClass.Chunks;
        _idleChunks += slabClass.IdleChunks;
    }

    /// <summary>The sums as others see them.</summary>
    public readonly BufferSizeStatistics ToStatistics(int bufferBytes, int chunkBytes) => new()
    {
        BufferBytes = bufferBytes,
        InUse = _inUse,
        Pooled = Math.Max(0, (_chunks * (chunkBytes / bufferBytes)) - _inUse),
        HighWater = _highWater,
        Chunks = _chunks,
        HeldBytes = (long)_chunks * chunkBytes,
        IdleBytes = (long)_idleChunks * chunkBytes,
    };
}
