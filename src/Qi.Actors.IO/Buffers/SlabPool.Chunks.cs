// How chunks come and go: see SlabPool.cs for the invariants.
//
// No clock is read by rents and returns. A trim notes the time at which it first sees a chunk idle; the next rent from the chunk takes the
// note away. So a chunk is let go after it has been idle for the idle time, and at most one interval between two trims more.

using System.Diagnostics;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

internal sealed partial class SlabPool
{
    // As an idle time: shorter than any, whatever the clock says.
    private const long AtOnce = long.MinValue;

    /// <summary>True if it holds memory. Any thread, a snapshot.</summary>
    public bool HasChunks => Atomic.Read(ref _chunkCount) > 0;

    /// <summary>The owner, at its maintenance: takes back what others have returned and lets go what has been idle for long.</summary>
    /// <remarks>After a rent anywhere was refused for lack of memory, all that is idle is let go at once.</remarks>
    /// <returns>Bytes that were let go.</returns>
    public long Trim(long nowNs)
    {
        Debug.Assert(ReferenceEquals(t_current, this), "P1: only the owner trims its pool.");
        return TrimOwned(nowNs);
    }

    /// <summary>Any thread: the same for a pool without an owner.</summary>
    public long TrimShared(long nowNs)
    {
        lock (_lock)
            return TrimOwned(nowNs);
    }

    /// <summary>
    /// The owner, or anyone if there is none: lets everything go. Nothing can be rented here any more. Buffers that are out stay valid, and their
    /// memory goes as they return.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another thread owns the pool.</exception>
    public void Close()
    {
        if (ReferenceEquals(t_current, this))
            Detach();
        bool isEmpty;
        lock (_lock)
        {
            int owner = Atomic.CompareExchange(ref _owner, Closed, NoOwner);
            if (owner == Closed)
                return;
            if (owner != NoOwner)
                throw new InvalidOperationException($"The slab pool is owned by thread {owner}. Close it there, or let that thread detach first.");
            TakeBackAll(_returned.Close());
            foreach (SlabClass slabClass in _classes)
                slabClass.Close();
            foreach (BufferChunk? chunk in _chunks)
            {
                if (chunk is null)
                    continue;
                _observer?.OnChunkReleased(chunk);
                if (chunk.InUse == 0)
                    Drop(chunk);
            }

            isEmpty = _chunkCount == 0;
        }

        if (isEmpty)
            _pool.Forget(this);
    }

    /// <summary>Adds what this pool has to the sums. Any thread, a snapshot.</summary>
    public void AddTo(Span<ClassCounts> counts)
    {
        for (int size = 0; size < _classes.Length; size++)
            counts[size].Add(_classes[size]);
    }

    /// <summary>The owner: checks P2 and P3 as far as they can be seen from here.</summary>
    [Conditional("DEBUG")]
    public void AssertInvariants()
    {
        foreach (SlabClass slabClass in _classes)
            slabClass.AssertInvariants();
        int count = 0;
        for (int index = 0; index < _chunks.Length; index++)
        {
            if (_chunks[index] is not { } chunk)
                continue;
            Debug.Assert(chunk.Index == index && ReferenceEquals(chunk.Owner, this), "P3: a chunk is not where its index says.");
            count++;
        }

        Debug.Assert(count == _chunkCount, "P3: chunks are counted wrongly.");
    }

    private long TrimOwned(long nowNs)
    {
        TakeBackReturned();
        long refusals = _budget.Refusals;
        long idleNs = refusals == _seenRefusals ? IdleNs : AtOnce;
        _seenRefusals = refusals;
        return ReleaseIdle(nowNs, idleNs);
    }

    private long ReleaseIdle(long nowNs, long idleNs)
    {
        long released = 0;
        foreach (SlabClass slabClass in _classes)
        {
            BufferChunk? next;
            for (BufferChunk? chunk = slabClass.CutIdle(nowNs, idleNs); chunk is not null; chunk = next)
            {
                next = chunk.Next;
                chunk.Next = null;
                _observer?.OnChunkReleased(chunk);
                Drop(chunk);
                released += chunk.Length;
            }
        }

        return released;
    }

    private bool TryAddChunk(SlabClass slabClass)
    {
        // Before a rent is refused, the idle chunks of the other sizes make room.
        if (!_budget.TryAdd(_chunkBytes) && (ReleaseIdle(0, AtOnce) == 0 || !_budget.TryAdd(_chunkBytes)))
        {
            _budget.NoteRefusal();
            return false;
        }

        try
        {
            int index = FreeIndex();
            var chunk = new BufferChunk(this, slabClass, index, _chunkBytes);
            if (_checksUse)
                PoisonAll(chunk);
            _observer?.OnChunkCreated(chunk);
            _chunks[index] = chunk;
            _chunkCount++;
            slabClass.Add(chunk);
            return true;
        }
        catch
        {
            // No memory, or the observer could not register it.
            _budget.Remove(_chunkBytes);
            throw;
        }
    }

    private int FreeIndex()
    {
        int index = Array.IndexOf(_chunks, null);
        if (index >= 0)
            return index;
        index = _chunks.Length;
        Array.Resize(ref _chunks, 2 * index);
        return index;
    }

    private void Drop(BufferChunk chunk)
    {
        chunk.Class.Forget(chunk);
        _chunks[chunk.Index] = null;
        _chunkCount--;
        _budget.Remove(chunk.Length);
    }

    private static void PoisonAll(BufferChunk chunk)
    {
        for (Slab? slab = chunk.Free; slab is not null; slab = slab.Next)
            slab.Poison();
    }
}
