// The idea: all that an owner rents and returns on its own thread touches only its own lists. What others return goes through one stack, which
// the owner takes back as a whole when a list of its own is empty, and at its maintenance.
//
// An owner is a thread, for as long as it says so: Attach and Detach. A dispatcher's pool so moves with the dispatcher from one thread to
// another. One pool of each BufferPool has no owner: threads that own none use it, one after the other, under its lock.
//
// Fields, by writer:
//   immutable    _pool, _budget, _observer, IdleNs, _checksUse, _isShared
//   owner        _classes, _chunks, _seenRefusals. Without an owner (shared, or closed): under the lock
//   any thread   _returned; _owner, by compare-exchange
//
// Invariants:
// P1. At most one thread is attached, and only to this pool: t_current of that thread is the pool, and _owner its number.
// P2. A slab is rented (odd use), or in the list of its chunk, or returned (in _returned, or in the hands of the thread that returns it or takes
//     it back): exactly one of these.
// P3. _chunks holds, each at its index, the chunks whose slabs may be in use here; the budget counts each of them.
// P4. After Close nothing is rented. A slab that comes back later is counted under the lock, and the last one of a chunk lets it go.
//
// Close: the owner takes the lock, closes the stack, settles what it held and releases all chunks that are idle. A thread whose push failed
// (R3 of ReturnedSlabs) waits for that lock, and so finds the pool settled.

using System.Diagnostics;
using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>An owner's slabs of all sizes.</summary>
internal sealed partial class SlabPool
{
    private const int NoOwner = 0;
    private const int Closed = -1;

    [ThreadStatic]
    private static SlabPool? t_current;

    private readonly BufferPool _pool;
    private readonly BufferBudget _budget;
    private readonly IChunkObserver? _observer;
    private readonly int _chunkBytes;
    private readonly bool _checksUse;
    private readonly Lock _lock = new();

    private readonly SlabClass[] _classes = new SlabClass[SlabSizes.Count];
    private BufferChunk?[] _chunks = new BufferChunk?[4];
    private int _chunkCount;
    private long _seenRefusals;

    private int _owner;
    private ReturnedSlabs _returned;

    internal SlabPool(BufferPool pool, IChunkObserver? observer)
    {
        _pool = pool;
        _budget = pool.Budget;
        _observer = observer;
        _chunkBytes = pool.Options.ChunkBytes;
        IdleNs = Clock.TimeSpanToNs(pool.Options.IdleTime);
        _checksUse = pool.Options.ChecksUse;
        _seenRefusals = _budget.Refusals;
        for (int size = 0; size < _classes.Length; size++)
            _classes[size] = new SlabClass(SlabSizes.BytesOf(size));
    }

    /// <summary>The pool that the calling thread owns, if any.</summary>
    public static SlabPool? Current => t_current;

    /// <summary>The pool of pools that this one belongs to.</summary>
    public BufferPool Pool => _pool;

    /// <summary>After how long without use a slab is let go.</summary>
    public long IdleNs { get; }

    /// <summary>Slabs that other threads have returned and the owner has not taken back, about. Any thread.</summary>
    public int ReturnsWaiting => _returned.Count;

    /// <summary>Makes the calling thread the owner.</summary>
    /// <remarks>A thread must detach or close before it ends: nobody else can do so for it.</remarks>
    /// <exception cref="InvalidOperationException">The pool has an owner or is closed, or the thread owns another one.</exception>
    public void Attach()
    {
        if (t_current is not null)
            throw new InvalidOperationException("This thread owns a slab pool already. Detach it first: a thread owns one at a time.");

        // Full fence, pairs with the release in Detach: what the last owner did is visible to the next.
        int owner = Atomic.CompareExchange(ref _owner, Environment.CurrentManagedThreadId, NoOwner);
        if (owner != NoOwner)
        {
            throw new InvalidOperationException(owner == Closed
                ? "The slab pool is closed. Make another one for this owner."
                : $"The slab pool is owned by thread {owner}. Let that thread detach first.");
        }

        t_current = this;
    }

    /// <summary>The owner: owns the pool no longer. Any thread may attach then.</summary>
    public void Detach()
    {
        RequireOwner();
        t_current = null;
        Atomic.Write(ref _owner, NoOwner); // pairs with Attach
    }

    /// <summary>The owner: takes a slab that holds so many bytes; false if the memory limit is reached.</summary>
    /// <remarks><b>Cost</b>: a few nanoseconds; about a microsecond if a chunk has to be made, and the faults of the first touch of its pages.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRent(int bytes, out RentedBuffer buffer)
    {
        Debug.Assert(ReferenceEquals(t_current, this), "P1: only the owner rents from its pool.");
        return TryTake(bytes, out buffer);
    }

    /// <summary>A thread that owns no pool takes a slab from this one, which has no owner.</summary>
    public bool TryRentShared(int bytes, out RentedBuffer buffer)
    {
        lock (_lock)
            return TryTake(bytes, out buffer);
    }

    private bool TryTake(int bytes, out RentedBuffer buffer)
    {
        Debug.Assert(bytes is >= 0 and <= SlabSizes.MostBytes, "What is too large is refused before.");
        SlabClass slabClass = _classes[SlabSizes.Of(bytes)];
        Slab? slab = slabClass.TryTake() ?? TakeSlow(slabClass);
        if (slab is null)
        {
            buffer = default;
            return false;
        }

        if (_checksUse)
            RequirePoison(slab);
        buffer = new RentedBuffer(slab, slab.BeginUse());
        return true;
    }

    // All slabs of the class are out: those that were returned, then new ones.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Slab? TakeSlow(SlabClass slabClass)
    {
        if (Atomic.Read(ref _owner) == Closed)
            throw new ObjectDisposedException(nameof(BufferPool), "A buffer was asked for after its pool was closed. Close the pool after its last user.");
        if (TakeBackReturned() && slabClass.TryTake() is { } slab)
            return slab;
        return TryAddChunk(slabClass) ? slabClass.TryTake() : null;
    }

    private bool TakeBackReturned()
    {
        Slab? slab = _returned.TakeAll();
        if (slab is null)
            return false;
        TakeBackAll(slab);
        return true;
    }

    private static void TakeBackAll(Slab? first)
    {
        for (Slab? next; first is not null; first = next)
        {
            next = first.Next;
            first.Chunk.Class.TakeBack(first);
        }
    }

    // A slab that was written to after its return is filled anew and stays free: it is the writer that is wrong, not the slab.
    private static void RequirePoison(Slab slab)
    {
        if (slab.IsPoisoned())
            return;
        slab.Poison();
        slab.Chunk.Class.TakeBack(slab);
        throw BufferMisuseException.WrittenAfterReturn(slab);
    }

    private void RequireOwner()
    {
        if (!ReferenceEquals(t_current, this))
            throw new InvalidOperationException("This thread does not own the slab pool. Attach it first.");
    }
}
