namespace Qi.Actors.IO;

/// <summary>How a <see cref="BufferPool"/> works. Immutable.</summary>
public sealed record BufferPoolOptions
{
    private const int LeastChunkBytes = SlabSizes.MostBytes;
    private const int MostChunkBytes = 16 * 1024 * 1024;
    private const int DefaultChunkBytes = 256 * 1024;

    private readonly int _chunkBytes = DefaultChunkBytes;
    private readonly long _memoryLimitBytes;
    private readonly TimeSpan _idleTime = TimeSpan.FromSeconds(30);

    /// <summary>Chunks of 256 KiB, no memory limit, idle memory let go after 30 seconds.</summary>
    public static BufferPoolOptions Default { get; } = new();

    /// <summary>
    /// Memory comes and goes in chunks of this size. Default 262,144 (256 KiB); a power of two from 65,536 (64 KiB) to 16,777,216 (16 MiB).
    /// </summary>
    /// <remarks><b>Units</b>: bytes. Each thread that owns buffers has at least one chunk for each size of buffer that it uses.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">On init: out of range, or no power of two.</exception>
    public int ChunkBytes
    {
        get => _chunkBytes;
        init
        {
            if (value is < LeastChunkBytes or > MostChunkBytes || !int.IsPow2(value))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value), value, $"ChunkBytes is {value}. Use a power of two from {LeastChunkBytes} to {MostChunkBytes}.");
            }

            _chunkBytes = value;
        }
    }

    /// <summary>
    /// The most memory that the pool holds, rented or free, in whole chunks. Default 0: no limit. Otherwise at least <see cref="ChunkBytes"/>.
    /// </summary>
    /// <remarks><b>Units</b>: bytes. To limit a process, use one pool for all of it.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">On init: negative.</exception>
    public long MemoryLimitBytes
    {
        get => _memoryLimitBytes;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _memoryLimitBytes = value;
        }
    }

    /// <summary>How long a chunk without a rented buffer is kept. Default 30 seconds; zero lets it go at the next trim.</summary>
    /// <remarks>Looked at by <see cref="BufferPool.Trim()"/> and by the maintenance of each thread that owns buffers.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">On init: negative.</exception>
    public TimeSpan IdleTime
    {
        get => _idleTime;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            _idleTime = value;
        }
    }

    /// <summary>
    /// Whether every use of a buffer is checked: a Memory that is used, and an owner that is disposed of, after somebody else has got the buffer; and
    /// memory that is written to after its return. Default: only in debug builds of this library.
    /// </summary>
    /// <remarks><b>Cost</b>: an allocation for each rent, and the memory is filled at each return and read at each rent.</remarks>
    public bool ChecksUse { get; init; } = IsDebugBuild;

    private static bool IsDebugBuild =>
#if DEBUG
        true;
#else
        false;
#endif
}
