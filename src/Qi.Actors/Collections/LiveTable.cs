// The table of what lives: every actor and coroutine of a system has a slot here, so that a stop, a dump or a count finds
// them all. Registering must cost next to nothing, because every spawn does it.
//
// Slots come in chunks. A chunk belongs to one owner (a dispatcher thread, or the shared owner that all other threads use
// under a lock), and only its owner takes slots from it. Anyone may free a slot: the owner into the chunk's local free
// list, by plain writes; any other thread into the chunk's remote list, by compare-exchange. The owner takes the whole
// remote list over when the local one is empty.
//
// T1: Next[i] is meaningful only while slot i is free; it is written by whoever frees the slot.
// T2: a slot is freed once (its item's end is decided once), so no ABA arises: a remote list is only pushed to and taken whole.
// T3: readers of items see a live item, or null, or an item that has just ended; all are harmless for what they do.
// Source: the split of local and remote free lists is that of D. Leijen et al., "Mimalloc", 2019.

using Qi.Actors.Platform;

namespace Qi.Actors.Collections;

/// <summary>Registers live objects in stable slots.</summary>
internal sealed class LiveTable<T>
    where T : class
{
    private const int ChunkBits = 10;
    private const int ChunkSize = 1 << ChunkBits;
    private const int End = -1;

    private readonly Lock _lock = new();
    private readonly Owner _shared = new();
    private Chunk[] _chunks = new Chunk[16];
    private int _chunkCount;

    /// <summary>Adds an item and returns its slot. <paramref name="owner"/> is the calling thread's own, or null.</summary>
    public int Add(T item, Owner? owner)
    {
        if (owner is not null)
            return AddTo(owner, item);
        lock (_shared)
            return AddTo(_shared, item);
    }

    /// <summary>Frees a slot. <paramref name="owner"/> is the calling thread's own, or null.</summary>
    public void Remove(int slot, Owner? owner)
    {
        var chunk = Atomic.Read(ref _chunks)[slot >> ChunkBits];
        int index = slot & (ChunkSize - 1);
        Atomic.Write(ref chunk.Items[index].Value, null);
        if (owner is not null && Atomic.Read(ref chunk.Owner) == owner)
        {
            chunk.Next[index] = chunk.LocalFree;
            chunk.LocalFree = index;
            return;
        }

        int head = Atomic.Read(ref chunk.RemoteFree);
        while (true)
        {
            chunk.Next[index] = head;
            int seen = Atomic.CompareExchange(ref chunk.RemoteFree, index, head); // pairs with the exchange in Refill
            if (seen == head)
                return;
            head = seen;
        }
    }

    /// <summary>Calls back for every item that lives now. Items that come or go meanwhile may or may not be seen.</summary>
    public void ForEach(Action<T> action)
    {
        int count = Atomic.Read(ref _chunkCount);
        var chunks = Atomic.Read(ref _chunks);
        for (int i = 0; i < count; i++)
        {
            foreach (ref var cell in chunks[i].Items.AsSpan())
            {
                if (Atomic.Read(ref cell.Value) is { } item)
                    action(item);
            }
        }
    }

    /// <summary>The chunks of an owner whose thread ends go to the shared owner.</summary>
    public void Adopt(Owner owner)
    {
        lock (_shared)
        {
            foreach (var chunk in owner.Chunks)
            {
                Atomic.Write(ref chunk.Owner, _shared);
                _shared.Chunks.Add(chunk);
            }

            owner.Chunks.Clear();
            owner.Current = null;
        }
    }

    private int AddTo(Owner owner, T item)
    {
        var chunk = owner.Current;
        if (chunk is null || chunk.LocalFree == End)
            chunk = Refill(owner);
        int index = chunk.LocalFree;
        chunk.LocalFree = chunk.Next[index];
        Atomic.Write(ref chunk.Items[index].Value, item);
        return (chunk.Number << ChunkBits) | index;
    }

    // A few of the owner's chunks are asked for slots that came back, in turn; else there is a new one.
    private Chunk Refill(Owner owner)
    {
        var own = owner.Chunks;
        int looks = Math.Min(8, own.Count);
        for (int i = 0; i < looks; i++)
        {
            owner.Hand = (owner.Hand + 1) % own.Count;
            var chunk = own[owner.Hand];
            if (chunk.LocalFree == End && Atomic.Read(ref chunk.RemoteFree) != End)
                chunk.LocalFree = Atomic.Exchange(ref chunk.RemoteFree, End);
            if (chunk.LocalFree == End)
                continue;
            owner.Current = chunk;
            return chunk;
        }

        var fresh = new Chunk(owner);
        lock (_lock)
        {
            if (_chunkCount == _chunks.Length)
            {
                var larger = new Chunk[_chunks.Length * 2];
                _chunks.CopyTo(larger, 0);
                Atomic.Write(ref _chunks, larger);
            }

            fresh.Number = _chunkCount;
            _chunks[_chunkCount] = fresh;
            Atomic.Write(ref _chunkCount, _chunkCount + 1);
        }

        own.Add(fresh);
        owner.Current = fresh;
        return fresh;
    }

    /// <summary>One thread's right to take slots.</summary>
    public sealed class Owner
    {
        internal readonly List<Chunk> Chunks = [];
        internal Chunk? Current;
        internal int Hand;
    }

    internal sealed class Chunk
    {
        public readonly Cell[] Items = new Cell[ChunkSize];
        public readonly int[] Next = new int[ChunkSize];
        public int Number;
        public int LocalFree;
        public int RemoteFree = End;
        public Owner Owner;

        public Chunk(Owner owner)
        {
            Owner = owner;
            for (int i = 0; i < ChunkSize - 1; i++)
                Next[i] = i + 1;
            Next[ChunkSize - 1] = End;
        }
    }

    // A struct around the reference spares the array store its type check.
    internal struct Cell
    {
        public T? Value;
    }
}
