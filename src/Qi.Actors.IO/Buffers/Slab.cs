// The idea: one object for each piece of pinned memory, made with its chunk and used again and again. It is the IMemoryOwner that Rent
// gives away, the link of the lists that it waits in, and the number that tells one use of it from the next.
//
// Fields, by writer:
//   immutable          Chunk, Offset
//   any thread         _use: the renting thread under U1, and whoever returns the slab, by compare-exchange
//   who has the slab   Next and Waiting: the pool while the slab is free, the returning thread until it has pushed it
//
// Invariants:
// U1. _use is odd while the slab is rented and even while it is free. A rent adds one (a plain step: a free slab is in the hands of one
//     thread), a return adds one by compare-exchange from the use that it returns. So of many returns of a use exactly one succeeds.
// U2. A number is never used twice: 63 bits do not come round. A handle that carries its number can therefore not be taken for
//     another use of the same slab.
//
// The IMemoryOwner itself carries no number: a second Dispose is caught as long as the slab is free, but not after the next rent. A pool
// that checks use gives away a CheckedOwner instead, which does.
//
// Rejected: a plain store for a return by the owner's own thread. It is some nanoseconds faster and misses a return that another thread
// makes at the same moment; then one slab is in two lists.

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>A piece of a chunk, of one of the sizes of <see cref="SlabSizes"/>.</summary>
internal sealed class Slab(BufferChunk chunk, int offset) : IMemoryOwner<byte>
{
    // What the memory of a free slab holds, if use is checked. No pointer, no ASCII, no small number.
    private const byte Poisoned = 0xDD;

    /// <summary>The chunk that the memory belongs to.</summary>
    public readonly BufferChunk Chunk = chunk;

    /// <summary>Where the memory begins, in bytes from the chunk's first.</summary>
    public readonly int Offset = offset;

    /// <summary>The next slab of the list that this one is in, while it is free.</summary>
    public Slab? Next;

    /// <summary>In a list of returned slabs: how many there are, from this one on.</summary>
    public int Waiting;

    private long _use;

    /// <summary>Bytes.</summary>
    public int Length => Chunk.SlabBytes;

    /// <summary>The memory, whoever has it.</summary>
    public Span<byte> Bytes => new(Chunk.Array, Chunk.Start + Offset, Length);

    /// <summary>The memory as something that can be kept, whoever has it.</summary>
    public Memory<byte> Kept => MemoryMarshal.CreateFromPinnedArray(Chunk.Array, Chunk.Start + Offset, Length);

    /// <inheritdoc/>
    Memory<byte> IMemoryOwner<byte>.Memory
    {
        get
        {
            if (!IsRented(Atomic.Read(ref _use)))
                throw BufferMisuseException.UsedAfterReturn(this);
            return Kept;
        }
    }

    /// <summary>Whether this use has begun and not ended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsIn(long use) => Atomic.Read(ref _use) == use;

    /// <summary>The thread that has taken the slab out of its list: begins the next use and gives its number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long BeginUse()
    {
        // U1. Released for threads that ask with a handle of an earlier use.
        long use = _use + 1;
        Atomic.Write(ref _use, use);
        return use;
    }

    /// <summary>Ends a use; false if it has ended already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEndUse(long use) => Atomic.CompareExchange(ref _use, use + 1, use) == use;

    /// <summary>Fills free memory with what nobody writes by chance.</summary>
    public void Poison() => Bytes.Fill(Poisoned);

    /// <summary>Whether the memory is as <see cref="Poison"/> has left it.</summary>
    public bool IsPoisoned() => !Bytes.ContainsAnyExcept(Poisoned);

    /// <inheritdoc/>
    public void Dispose()
    {
        long use = Atomic.Read(ref _use);
        if (!IsRented(use))
            throw BufferMisuseException.ReturnedTwice(this);
        SlabPool.Return(this, use);
    }

    private static bool IsRented(long use) => (use & 1) != 0;
}
