// Written under the lock: _pools. The rest is immutable, or looks after itself (the budget, each pool).

using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>Pinned buffers of 4, 16 and 64 KiB, for input and output.</summary>
/// <remarks>
/// <para><b>Threads</b>: any. A dispatcher has buffers of its own; other threads share some under a lock. A buffer may be returned by any
/// thread, and goes back to where it came from.</para>
/// <para><b>Cost</b>: about ten nanoseconds for a rent and a return by a thread that has buffers of its own, and no allocation once the pool is warm.</para>
/// <para>A buffer never moves, begins at a multiple of 4096, and holds anything at all until it is written to, also what others have left there.
/// Larger buffers than 64 KiB are refused: use several, or an array. A buffer that is never returned is never used again, and keeps its chunk.</para>
/// </remarks>
public sealed class BufferPool : MemoryPool<byte>
{
    private readonly Lock _lock = new();
    private readonly List<SlabPool> _pools = [];
    private readonly SlabPool _shared;

    /// <summary>Creates a pool with the default options.</summary>
    public BufferPool()
        : this(BufferPoolOptions.Default)
    {
    }

    /// <summary>Creates a pool.</summary>
    /// <param name="options">How it works.</param>
    /// <exception cref="ArgumentNullException">There are no options.</exception>
    /// <exception cref="ArgumentException">The memory limit is smaller than one chunk.</exception>
    public BufferPool(BufferPoolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.MemoryLimitBytes > 0 && options.MemoryLimitBytes < options.ChunkBytes)
        {
            throw new ArgumentException(
                $"MemoryLimitBytes is {options.MemoryLimitBytes}, less than one chunk of {options.ChunkBytes} bytes. Raise it, make the chunks smaller, or use 0 for no limit.",
                nameof(options));
        }

        Options = options;
        Budget = new BufferBudget(options.MemoryLimitBytes == 0 ? long.MaxValue : options.MemoryLimitBytes);
        _shared = CreateOwner();
    }

    /// <summary>How the pool works.</summary>
    public BufferPoolOptions Options { get; }

    /// <summary>The largest buffer: 65,536 bytes.</summary>
    public override int MaxBufferSize => SlabSizes.MostBytes;

    /// <summary>What all chunks together may take.</summary>
    internal BufferBudget Budget { get; }

    /// <summary>Takes a buffer. Dispose of it to return it, once.</summary>
    /// <param name="minBufferSize">Bytes that it holds at least; −1 for any number. The memory is as long as the next size: 4, 16 or 64 KiB.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is less than −1 or more than <see cref="MaxBufferSize"/>.</exception>
    /// <exception cref="BufferLimitException">The memory limit is reached.</exception>
    /// <exception cref="BufferMisuseException">Somebody has written to a free buffer; found if <see cref="BufferPoolOptions.ChecksUse"/> is set.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been disposed of.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        => ToOwner(RentBuffer(minBufferSize == -1 ? 1 : minBufferSize));

    /// <summary>Takes a buffer, unless the memory limit is reached.</summary>
    /// <param name="minBytes">Bytes that it holds at least.</param>
    /// <param name="buffer">The buffer: dispose of it to return it, once. Null if there is none to be had.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative or more than <see cref="MaxBufferSize"/>: it could never be had.</exception>
    /// <exception cref="BufferMisuseException">Somebody has written to a free buffer; found if <see cref="BufferPoolOptions.ChecksUse"/> is set.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been disposed of.</exception>
    public bool TryRent(int minBytes, [NotNullWhen(true)] out IMemoryOwner<byte>? buffer)
    {
        buffer = TryRentBuffer(minBytes, out RentedBuffer rented) ? ToOwner(rented) : null;
        return buffer is not null;
    }

    /// <summary>
    /// Takes back what was returned to the buffers that threads without their own share, and to those of the calling thread, and lets memory go that
    /// has been idle for <see cref="BufferPoolOptions.IdleTime"/>.
    /// </summary>
    /// <remarks>
    /// Idleness is seen by trims: call it now and then, such as once a second. The collector gives the memory to the system when it next
    /// collects everything.
    /// </remarks>
    /// <returns>Bytes that were let go.</returns>
    public long Trim() => Trim(Clock.NowNs());

    /// <summary>What the pool holds.</summary>
    public BufferPoolStatistics GetStatistics()
    {
        Span<ClassCounts> counts = stackalloc ClassCounts[SlabSizes.Count];
        int pools;
        int returnsWaiting = 0;
        lock (_lock)
        {
            pools = _pools.Count;
            foreach (SlabPool pool in _pools)
            {
                pool.AddTo(counts);
                returnsWaiting += pool.ReturnsWaiting;
            }
        }

        var sizes = new BufferSizeStatistics[SlabSizes.Count];
        for (int size = 0; size < sizes.Length; size++)
            sizes[size] = counts[size].ToStatistics(SlabSizes.BytesOf(size), Options.ChunkBytes);
        return new BufferPoolStatistics
        {
            LimitBytes = Options.MemoryLimitBytes,
            HeldBytes = Budget.HeldBytes,
            PeakBytes = Budget.PeakBytes,
            Refusals = Budget.Refusals,
            ReturnsWaiting = returnsWaiting,
            Pools = pools,
            Sizes = sizes,
        };
    }

    /// <summary>Makes slabs for one owner: a thread that attaches to them.</summary>
    internal SlabPool CreateOwner(IChunkObserver? observer = null)
    {
        var owner = new SlabPool(this, observer);
        lock (_lock)
            _pools.Add(owner);
        return owner;
    }

    /// <summary>A closed owner has nothing left.</summary>
    internal void Forget(SlabPool owner)
    {
        lock (_lock)
            _pools.Remove(owner);
    }

    /// <summary>Trims, and says after how many nanoseconds another trim may find more; -1 if nothing is held here.</summary>
    internal long TrimFor(SlabPool owner, long nowNs)
    {
        Trim(nowNs);
        return owner.HasChunks || _shared.HasChunks ? owner.IdleNs : -1;
    }

    /// <inheritdoc cref="Trim()"/>
    internal long Trim(long nowNs)
        => _shared.TrimShared(nowNs) + (SlabPool.Current is { } own && ReferenceEquals(own.Pool, this) ? own.Trim(nowNs) : 0);

    /// <summary>The same as <see cref="Rent"/> without an owner object, for those who return each buffer in one place.</summary>
    internal RentedBuffer RentBuffer(int minBytes)
        => TryRentBuffer(minBytes, out RentedBuffer buffer) ? buffer : throw new BufferLimitException(minBytes, GetStatistics());

    /// <summary>The same as <see cref="TryRent"/> without an owner object.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryRentBuffer(int minBytes, out RentedBuffer buffer)
    {
        if ((uint)minBytes > SlabSizes.MostBytes)
            throw BadSize(minBytes);
        return SlabPool.Current is { } own && ReferenceEquals(own.Pool, this)
            ? own.TryRent(minBytes, out buffer)
            : _shared.TryRentShared(minBytes, out buffer);
    }

    /// <summary>
    /// Lets the memory go that threads without their own buffers share, and refuses them more. Buffers that are out stay valid. A thread's own
    /// buffers are let go by that thread.
    /// </summary>
    /// <param name="disposing">Always true: there is no finalizer.</param>
    protected override void Dispose(bool disposing) => _shared.Close();

    private static ArgumentOutOfRangeException BadSize(int minBytes)
        => new(
            nameof(minBytes),
            minBytes,
            $"A buffer of {minBytes} bytes was asked for; a pool has buffers of up to {SlabSizes.MostBytes}. Use several, or an array for larger ones.");

    internal IMemoryOwner<byte> ToOwner(RentedBuffer buffer) => Options.ChecksUse ? new CheckedOwner(buffer) : buffer.Slab;
}
