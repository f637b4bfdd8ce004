// The idea: the free slabs of one size, each in the list of its own chunk, and the chunks that have any in a list. Rents take from the first
// chunk; so the chunks behind it are only ever returned to, run empty in the end and can be let go.
//
// Written by the owner only (or under the lock of a pool that has none); the counters may be read by anyone, as a snapshot.
//
// Invariants (beside C1 and C2 of the chunk):
// L1. _first … _last is a list, linked both ways, of the chunks that have a free slab.
// L2. InUse is the sum of the chunks' InUse; IdleChunks says how many chunks have none.
//
// A chunk that gets its first free slab goes to the front: its slab is the warmest, and it is the fullest of all. A chunk that has become
// idle stays where it is: moved to the end at once, two chunks would take turns under a load of one buffer, and neither would ever be let go.
// A trim moves the idle ones to the end.
//
// Rejected: one list of free slabs for all chunks (to let a chunk go would mean to search the list for its slabs).
// Source: D. Leijen, B. Zorn, L. de Moura, "Mimalloc: Free List Sharding in Action", 2019 (a list for each page, and one for what other
// threads return).

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Qi.Actors.IO;

/// <summary>An owner's slabs of one size.</summary>
internal sealed class SlabClass(int slabBytes)
{
    private BufferChunk? _first;
    private BufferChunk? _last;

    /// <summary>Bytes of each slab.</summary>
    public int SlabBytes { get; } = slabBytes;

    /// <summary>Slabs that are rented or on their way back.</summary>
    public int InUse { get; private set; }

    /// <summary>The most that <see cref="InUse"/> has been.</summary>
    public int HighWater { get; private set; }

    /// <summary>Chunks that there are.</summary>
    public int Chunks { get; private set; }

    /// <summary>Chunks of which no slab is in use.</summary>
    public int IdleChunks { get; private set; }

    /// <summary>Takes a slab, or null if all are in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Slab? TryTake()
    {
        if (_first is not { } chunk)
            return null;
        Slab slab = chunk.Free!; // L1
        if ((chunk.Free = slab.Next) is null)
            Unlink(chunk);
        if (chunk.InUse++ == 0)
        {
            IdleChunks--;
            chunk.IdleSinceNs = BufferChunk.NotSeenIdle;
        }

        if (++InUse > HighWater)
            HighWater = InUse;
        return slab;
    }

    /// <summary>Takes a slab back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TakeBack(Slab slab)
    {
        BufferChunk chunk = slab.Chunk;
        Slab? free = chunk.Free;
        slab.Next = free;
        chunk.Free = slab;
        if (free is null)
            LinkFirst(chunk);
        InUse--;
        if (--chunk.InUse == 0)
            IdleChunks++;
    }

    /// <summary>Takes a new chunk, of which all slabs are free.</summary>
    public void Add(BufferChunk chunk)
    {
        Chunks++;
        IdleChunks++;
        LinkFirst(chunk);
    }

    /// <summary>Lets a chunk go that is idle and out of the list.</summary>
    public void Forget(BufferChunk chunk)
    {
        Debug.Assert(chunk.InUse == 0, "Memory that is in use is not let go.");
        Chunks--;
        IdleChunks--;
    }

    /// <summary>
    /// Takes those chunks out of the list that have been idle for long enough, and notes the time for those that nobody saw idle before.
    /// </summary>
    /// <returns>A list of them, linked through Next. They still count.</returns>
    public BufferChunk? CutIdle(long nowNs, long idleNs)
    {
        BufferChunk? cut = null;
        BufferChunk? end = _last;
        BufferChunk? next;
        for (BufferChunk? chunk = _first; chunk is not null; chunk = next)
        {
            next = ReferenceEquals(chunk, end) ? null : chunk.Next;
            if (chunk.InUse != 0)
                continue;
            if (chunk.IdleSinceNs == BufferChunk.NotSeenIdle)
                chunk.IdleSinceNs = nowNs;
            Unlink(chunk);
            if (nowNs - chunk.IdleSinceNs >= idleNs)
                (chunk.Next, cut) = (cut, chunk);
            else
                LinkLast(chunk);
        }

        return cut;
    }

    /// <summary>Takes all chunks out of the list, so that nothing is rented any more.</summary>
    public void Close()
    {
        while (_first is { } chunk)
            Unlink(chunk);
    }

    /// <summary>After <see cref="Close"/>: takes a slab back, to no list.</summary>
    public void CountBack(Slab slab)
    {
        InUse--;
        if (--slab.Chunk.InUse == 0)
            IdleChunks++;
    }

    /// <summary>Checks L1, C1 and C2 as far as they can be seen from here.</summary>
    [Conditional("DEBUG")]
    public void AssertInvariants()
    {
        BufferChunk? before = null;
        int idle = 0;
        for (BufferChunk? chunk = _first; chunk is not null; before = chunk, chunk = chunk.Next)
        {
            int free = 0;
            for (Slab? slab = chunk.Free; slab is not null; slab = slab.Next)
                free++;
            Debug.Assert(ReferenceEquals(chunk.Previous, before), "L1: the list is not linked both ways.");
            Debug.Assert(free > 0, "C2: a chunk without a free slab is in the list.");
            Debug.Assert(free == chunk.Slabs - chunk.InUse, "C1: the free slabs are not those that are not in use.");
            idle += chunk.InUse == 0 ? 1 : 0;
        }

        Debug.Assert(ReferenceEquals(before, _last), "L1: the last chunk is not the end of the list.");
        Debug.Assert(idle == IdleChunks, "L2: idle chunks are counted wrongly.");
    }

    private void LinkFirst(BufferChunk chunk)
    {
        chunk.Next = _first;
        if (_first is null)
            _last = chunk;
        else
            _first.Previous = chunk;
        _first = chunk;
    }

    private void LinkLast(BufferChunk chunk)
    {
        chunk.Previous = _last;
        if (_last is null)
            _first = chunk;
        else
            _last.Next = chunk;
        _last = chunk;
    }

    private void Unlink(BufferChunk chunk)
    {
        if (chunk.Previous is null)
            _first = chunk.Next;
        else
            chunk.Previous.Next = chunk.Next;
        if (chunk.Next is null)
            _last = chunk.Previous;
        else
            chunk.Next.Previous = chunk.Previous;
        chunk.Next = null;
        chunk.Previous = null;
    }
}
