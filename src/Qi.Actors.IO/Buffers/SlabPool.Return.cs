// The ways back: see SlabPool.cs for the invariants.

using System.Runtime.CompilerServices;

namespace Qi.Actors.IO;

internal sealed partial class SlabPool
{
    /// <summary>Ends a use of a slab and gives the slab back to its owner. Any thread.</summary>
    /// <exception cref="BufferMisuseException">The use has ended already.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return(Slab slab, long use)
    {
        if (!slab.TryEndUse(use))
            throw BufferMisuseException.ReturnedTwice(slab);
        SlabPool owner = slab.Chunk.Owner;
        if (owner._checksUse)
            slab.Poison();
        if (ReferenceEquals(t_current, owner))
            slab.Chunk.Class.TakeBack(slab);
        else
            owner.ReturnFromOutside(slab);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReturnFromOutside(Slab slab)
    {
        if (!_returned.TryPush(slab))
            ReturnAfterClose(slab);
    }

    private void ReturnAfterClose(Slab slab)
    {
        bool isEmpty;
        lock (_lock)
        {
            CountBackLocked(slab);
            isEmpty = _chunkCount == 0;
        }

        if (isEmpty)
            _pool.Forget(this);
    }

    // P4: the last slab of a chunk takes the chunk with it. The observer has been told by Close.
    private void CountBackLocked(Slab slab)
    {
        BufferChunk chunk = slab.Chunk;
        chunk.Class.CountBack(slab);
        if (chunk.InUse == 0)
            Drop(chunk);
    }
}
