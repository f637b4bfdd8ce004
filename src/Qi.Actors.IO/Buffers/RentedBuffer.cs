using System.Runtime.CompilerServices;

namespace Qi.Actors.IO;

/// <summary>The runtime's own handle of a rented slab: no allocation, and the number of its use, which nobody else has.</summary>
/// <remarks>
/// <b>Threads</b>: any, one at a time; whoever holds it may return it. A copy is the same buffer, and is dead when the first one is returned.
/// <b>Cost</b>: each look at the memory is one read and one comparison.
/// </remarks>
internal readonly struct RentedBuffer
{
    private readonly Slab? _slab;
    private readonly long _use;

    internal RentedBuffer(Slab slab, long use)
    {
        _slab = slab;
        _use = use;
    }

    /// <summary>Whether this is no buffer at all: the default value.</summary>
    public bool IsEmpty => _slab is null;

    /// <summary>Whether the buffer has not been returned.</summary>
    public bool IsRented => _slab is { } slab && slab.IsIn(_use);

    /// <summary>Bytes: one of the sizes, at least what was asked for.</summary>
    public int Length => Slab.Length;

    /// <summary>The memory. What it holds before it is written to is arbitrary.</summary>
    /// <exception cref="BufferMisuseException">The buffer has been returned.</exception>
    public Span<byte> Span => Slab.Bytes;

    /// <summary>The memory as something that can be kept. It never moves: to pin it costs nothing.</summary>
    /// <exception cref="BufferMisuseException">The buffer has been returned.</exception>
    public Memory<byte> Memory => Slab.Kept;

    /// <summary>Where the memory begins, for the system. A multiple of 4096.</summary>
    /// <exception cref="BufferMisuseException">The buffer has been returned.</exception>
    public nint Address => Slab.Chunk.Address + Slab.Offset;

    /// <summary>The chunk that the memory lies in.</summary>
    /// <exception cref="BufferMisuseException">The buffer has been returned.</exception>
    public BufferChunk Chunk => Slab.Chunk;

    /// <summary>The slab, as long as this use of it lasts.</summary>
    internal Slab Slab
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_slab is null)
                throw NoBuffer();
            if (!_slab.IsIn(_use))
                throw BufferMisuseException.UsedAfterReturn(_slab);
            return _slab;
        }
    }

    /// <summary>Gives the buffer back to its owner.</summary>
    /// <exception cref="BufferMisuseException">It has been returned already.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return() => SlabPool.Return(_slab ?? throw NoBuffer(), _use);

    private static InvalidOperationException NoBuffer()
        => new("This handle holds no buffer. Use the one that TryRent gave, and only if TryRent was true.");
}
