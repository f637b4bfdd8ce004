// Written by the owner (or under the lock of a pool that has none): Free, InUse, Next, Previous, IdleSinceNs. The rest is immutable.
//
// Invariants:
// C1. Free links exactly the slabs of this chunk that are neither rented nor on their way back; their number is Slabs - InUse.
// C2. The chunk is in its class's list exactly if Free is not null.

using System.Runtime.InteropServices;

namespace Qi.Actors.IO;

/// <summary>Memory that never moves, cut into slabs of one size. What a reactor may register with the system as a whole.</summary>
internal sealed class BufferChunk
{
    /// <summary>The value of <see cref="IdleSinceNs"/> while nobody has seen the chunk idle.</summary>
    public const long NotSeenIdle = long.MinValue;

    // Arrays begin anywhere; a slab begins with a page, for the system's sake (pinning, direct file access).
    private const int Alignment = SlabSizes.LeastBytes;

    public BufferChunk(SlabPool owner, SlabClass slabClass, int index, int bytes)
    {
        Owner = owner;
        Class = slabClass;
        Index = index;
        Length = bytes;
        SlabBytes = slabClass.SlabBytes;
        Array = GC.AllocateUninitializedArray<byte>(bytes + Alignment, pinned: true);
        nint begin = Marshal.UnsafeAddrOfPinnedArrayElement(Array, 0);
        Start = (int)(-begin & (Alignment - 1));
        Address = begin + Start;
        for (int offset = bytes - SlabBytes; offset >= 0; offset -= SlabBytes)
            Free = new Slab(this, offset) { Next = Free };
    }

    /// <summary>The pool whose owner takes slabs from here.</summary>
    public SlabPool Owner { get; }

    /// <summary>The list that the chunk belongs to.</summary>
    public SlabClass Class { get; }

    /// <summary>The chunk's number with its owner: small, and used again after the chunk was released.</summary>
    public int Index { get; }

    /// <summary>Where the memory begins. A multiple of 4096.</summary>
    public nint Address { get; }

    /// <summary>Bytes of all slabs together.</summary>
    public int Length { get; }

    /// <summary>Bytes of each slab.</summary>
    public int SlabBytes { get; }

    /// <summary>The pinned array that the memory is in.</summary>
    public byte[] Array { get; }

    /// <summary>The element of <see cref="Array"/> that <see cref="Address"/> points to.</summary>
    public int Start { get; }

    /// <summary>How many slabs there are.</summary>
    public int Slabs => Length / SlabBytes;

    /// <summary>The first free slab.</summary>
    public Slab? Free { get; set; }

    /// <summary>Slabs that are rented or on their way back.</summary>
    public int InUse { get; set; }

    /// <summary>The next chunk of the class's list.</summary>
    public BufferChunk? Next { get; set; }

    /// <summary>The chunk before in the class's list.</summary>
    public BufferChunk? Previous { get; set; }

    /// <summary>When a trim first saw that all slabs are free, or <see cref="NotSeenIdle"/>.</summary>
    public long IdleSinceNs { get; set; } = NotSeenIdle;
}
