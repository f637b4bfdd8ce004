// The idea: what other threads give back to an owner, as a stack: anyone pushes, the owner takes all of it at once. The owner looks here
// only when it has nothing else left, so its rents and returns share no cache line with anybody while it has.
//
// Fields, by writer:
//   any thread  _top, by compare-exchange; Next and Waiting of a slab, before it is pushed
//   owner       _top, by exchange: to null, and once and for all to the mark of a closed stack
//
// Invariants:
// R1. Following Next from _top leads to null over every slab that was pushed and not taken.
// R2. A slab is in the stack once, since only the thread whose return has ended its use pushes it (U1 of the slab).
// R3. After Close nothing is pushed: a push sees the mark and fails, and its caller takes the pool's lock. What was pushed before is what
//     Close gives back. So no slab is left in the stack of an owner that is gone.
//
// There is no ABA: nobody takes a single slab off. If the top is taken, rented, returned and on top again between a push's look and its
// exchange, then it is the top, and to link to it is right.
//
// Rejected: MpscQueue of Qi.Actors (an allocation for each item; and order is not needed here), a lock (returns come in bursts).
// Source: R. K. Treiber, "Systems Programming: Coping with Parallelism", IBM 1986, for the push.

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>Slabs on their way back to their owner: many producers, one consumer. A field, never copied.</summary>
internal struct ReturnedSlabs
{
    private static readonly Slab s_closed = new(null!, -1);

    private PaddedReference<Slab> _top;

    /// <summary>How many there are, about. Any thread.</summary>
    public int Count => Atomic.Read(ref _top.Value) is { } top ? Atomic.Read(ref top.Waiting) : 0;

    /// <summary>Adds a slab; false if there is no owner any more. Any thread.</summary>
    public bool TryPush(Slab slab)
    {
        Slab? top = Atomic.Read(ref _top.Value);
        while (!ReferenceEquals(top, s_closed))
        {
            slab.Next = top;
            slab.Waiting = top is null ? 1 : top.Waiting + 1;

            // Full fence: what the renter wrote, and the link, are visible to the owner that takes it. Pairs with TakeAll.
            Slab? before = Atomic.CompareExchange(ref _top.Value, slab, top);
            if (ReferenceEquals(before, top))
                return true;
            top = before;
        }

        return false;
    }

    /// <summary>The owner: takes all there are, linked through Next, or null.</summary>
    public Slab? TakeAll()
    {
        // The look costs no locked operation; what is pushed after it is found the next time.
        Slab? top = Atomic.Read(ref _top.Value);
        if (top is null || ReferenceEquals(top, s_closed))
            return null;
        return Atomic.Exchange(ref _top.Value, null);
    }

    /// <summary>The owner, once: takes all there are and refuses the rest (R3).</summary>
    public Slab? Close() => Atomic.Exchange(ref _top.Value, s_closed);
}
