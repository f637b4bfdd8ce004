// The idea: a bounded ring with one owner, who pushes at the tail and pops at the head, and thieves, who take half of it from
// the head in one go. First in, first out for everybody.
//
// Fields, by writer:
//   immutable   _slots, _mask
//   owner       _tail (read by thieves and by anyone for estimates)
//   any thread  _head, a StealHead: taken from by the owner and by one thief at a time, always by compare-and-swap
//   a slot      the owner writes it while it is free; then whoever took its item, owner or thief, sets it to null
//
// Invariants (positions wrap, so <= is meant modulo 2^32):
// Q1. Steal <= Real <= Tail, and Tail - Steal <= Capacity.
// Q2. Slots [Real, Tail) hold items. Slots [Steal, Real) belong to the thief that claimed them, or to the owner that took them
//     while the thief was at work. All others are free, and null.
// Q3. Only the owner moves Tail, and only forward, after the slot is written (release). A thief reads Tail with acquire before
//     it reads slots.
// Q4. A taker empties its slots before they become free. The owner does it on its own thread, before its next push. A thief does
//     it before the swap that moves Steal; the owner's read of the head in TryPush acquires that swap. So emptying never races
//     with filling, and the ring keeps no taken item alive for the collector.
// Q5. Positions are compared for equality by the swaps. A thief would have to sleep between its read of the head and its swap
//     while exactly a multiple of 2^32 items go through the ring, to be deceived: hours at full speed, within one of its steps.
//
// While a thief moves items they are in neither ring. An observer may then find both empty; but that thief is awake, and runs or
// publishes what it holds before it parks. The sleep protocol counts on that.
//
// A push has no full fence: an owner that pushes and then looks for sleepers puts a fence between the two.
//
// Rejected: the Chase-Lev deque (the owner works last in, first out, which starves old items; thieves take one at a time) and a
// lock (the owner would pay for it on each turn).
// Source: the local queue of Tokio's scheduler (2019), whose double head this is; N. Arora, R. Blumofe and C. Plaxton, "Thread
// scheduling for multiprogrammed multiprocessors", SPAA 1998, for stealing as such; D. Hendler and N. Shavit, "Non-blocking
// steal-half work queues", PODC 2002.

using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Qi.Actors.Platform;

namespace Qi.Actors.Collections;

/// <summary>A bounded first-in first-out ring: one owner, many thieves.</summary>
internal sealed class StealQueue<T>
    where T : class
{
    internal const int MinCapacity = 4;
    internal const int MaxCapacity = 1 << 30;

    private readonly Slot[] _slots;
    private readonly uint _mask;
    private PaddedLong _head;
    private PaddedUInt _tail;

    /// <summary>Creates an empty ring.</summary>
    /// <param name="capacity">A power of two from 4 to 2^30.</param>
    /// <param name="firstPosition">Where positions start: tests begin close to the point where they wrap.</param>
    internal StealQueue(int capacity, uint firstPosition = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, MinCapacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxCapacity);
        if (!BitOperations.IsPow2(capacity))
        {
            throw new ArgumentException($"A ring of {capacity} slots cannot be made. Use a power of two.", nameof(capacity));
        }

        _slots = new Slot[capacity];
        _mask = (uint)capacity - 1;
        _head.Value = StealHead.At(firstPosition).Packed;
        _tail.Value = firstPosition;
    }

    internal int Capacity => _slots.Length;

    /// <summary>How many items there are. Any thread: an estimate; exact for the owner while no thief is at work.</summary>
    internal int Count
    {
        get
        {
            // Head before tail, so that the difference cannot be negative (pairs with the owner's release of the tail).
            uint real = ReadHead().Real;
            return (int)Math.Min(Atomic.Read(ref _tail.Value) - real, (uint)_slots.Length);
        }
    }

    /// <summary>
    /// Whether there is nothing to take. Any thread. True is exact as of the moment of the second read, since both positions only
    /// move forward; false may be stale.
    /// </summary>
    internal bool IsEmpty
    {
        get
        {
            uint real = ReadHead().Real;
            return Atomic.Read(ref _tail.Value) == real;
        }
    }

    /// <summary>How many items were taken so far, modulo 2^32. Any thread.</summary>
    internal uint TakenCount => ReadHead().Real;

    /// <summary>Owner: how many pushes are certain to succeed.</summary>
    internal int Room => _slots.Length - (int)(_tail.Value - ReadHead().Steal);

    /// <summary>Owner: adds an item at the tail; false if the ring is full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryPush(T item)
    {
        Debug.Assert(item is not null, "A ring holds items, not nulls: null means empty.");
        uint tail = _tail.Value;

        // Acquires the release of slots by a thief (StealHalfInto), so that the write below comes after its last access (Q4).
        if (tail - ReadHead().Steal >= (uint)_slots.Length)
        {
            return false;
        }

        SlotAt(tail) = item;

        // Publishes the slot and what the item holds: pairs with the thief's read of the tail.
        Atomic.Write(ref _tail.Value, tail + 1);
        AssertInvariants();
        return true;
    }

    /// <summary>Owner: takes the oldest item, or null if there is none.</summary>
    internal T? TryPop()
    {
        uint tail = _tail.Value;
        StealHead head = ReadHead();
        while (head.Real != tail)
        {
            StealHead before = Swap(head, head.Take(1));
            if (before.Packed == head.Packed)
            {
                return TakeSlot(head.Real);
            }

            // A thief claimed or released slots in between; at most one thief can be at work, so this ends soon.
            head = before;
        }

        return null;
    }

    /// <summary>
    /// Owner: takes the older half of the items, rounded up and limited by the batch and to half of the ring, in order. Meant for
    /// an owner that found the ring full: one swap for all of them.
    /// </summary>
    /// <returns>How many items the batch now holds.</returns>
    internal int TakeHalf(Span<T?> batch)
    {
        uint tail = _tail.Value;
        StealHead head = ReadHead();
        while (true)
        {
            uint available = tail - head.Real;
            uint count = Math.Min(Math.Min(available - (available / 2), (uint)_slots.Length / 2), (uint)batch.Length);
            if (count == 0)
            {
                return 0;
            }

            StealHead before = Swap(head, head.Take(count));
            if (before.Packed != head.Packed)
            {
                head = before;
                continue;
            }

            for (uint index = 0; index < count; index++)
            {
                batch[(int)index] = TakeSlot(head.Real + index);
            }

            AssertInvariants();
            return (int)count;
        }
    }

    /// <summary>
    /// The owner of <paramref name="destination"/>: takes the older half of the items here, rounded up, but at most half of this
    /// ring and what fits.
    /// </summary>
    /// <param name="destination">Another ring, owned by the caller; it receives all but the first item, in order.</param>
    /// <param name="stolen">How many items were taken, the returned one included.</param>
    /// <returns>The oldest item, to be run right away; null if there was nothing, or another thief was at work.</returns>
    internal T? StealHalfInto(StealQueue<T> destination, out int stolen)
    {
        Debug.Assert(!ReferenceEquals(this, destination), "A ring does not steal from itself.");
        stolen = 0;
        if (!TryClaimHalf((uint)destination.Room + 1, out uint position, out uint count))
        {
            return null;
        }

        T first = TakeSlot(position);
        uint destinationTail = destination._tail.Value;
        for (uint index = 1; index < count; index++)
        {
            destination.SlotAt(destinationTail++) = TakeSlot(position + index);
        }

        if (count > 1)
        {
            // Publishes the slots: pairs with the reads of the tail by thieves of the destination.
            Atomic.Write(ref destination._tail.Value, destinationTail);
        }

        // The slots are empty: give them back. Pairs with the owner's read of the head in TryPush (Q4).
        StealHead head = ReadHead();
        for (StealHead before; (before = Swap(head, head.Release())).Packed != head.Packed;)
        {
            head = before;
        }

        destination.AssertInvariants();
        stolen = (int)count;
        return first;
    }

    /// <summary>Owner: checks what must hold between any two of its steps, whatever thieves do meanwhile.</summary>
    [Conditional("DEBUG")]
    internal void AssertInvariants()
    {
        StealHead head = ReadHead();
        uint tail = _tail.Value;
        Debug.Assert(tail - head.Steal <= (uint)_slots.Length, "Q1: the ring holds more than its capacity.");
        Debug.Assert(head.Real - head.Steal <= tail - head.Steal, "Q1: the positions are out of order.");
    }

    /// <summary>Owner, no thief at work: whether every free slot is null. Walks the ring; for tests.</summary>
    internal bool AreFreeSlotsCleared()
    {
        uint end = ReadHead().Steal + (uint)_slots.Length;
        for (uint position = _tail.Value; position != end; position++)
        {
            if (SlotAt(position) is not null)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryClaimHalf(uint limit, out uint position, out uint count)
    {
        StealHead head = ReadHead();
        while (true)
        {
            // Head before tail (both acquire), so that the tail is not behind the head; pairs with the release in TryPush, which
            // makes the slots up to it visible (Q3).
            uint tail = Atomic.Read(ref _tail.Value);
            uint available = tail - head.Real;
            position = head.Real;

            // More than the capacity means that the head is stale by now, and the swap will say so; the limit keeps it sane.
            count = Math.Min(Math.Min(available - (available / 2), (uint)_slots.Length / 2), limit);
            if (count == 0 || head.IsBeingStolen)
            {
                return false;
            }

            StealHead before = Swap(head, head.Claim(count));
            if (before.Packed == head.Packed)
            {
                return true;
            }

            head = before;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private StealHead ReadHead() => new(Atomic.Read(ref _head.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private StealHead Swap(StealHead expected, StealHead next)
        => new(Atomic.CompareExchange(ref _head.Value, next.Packed, expected.Packed));

    // The mask keeps the index inside the array, so the bounds check is left out.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref T? SlotAt(uint position)
        => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), position & _mask).Item;

    // Plain accesses: the swap that gave the slot to the caller ordered them (Q2, Q4).
    private T TakeSlot(uint position)
    {
        ref T? slot = ref SlotAt(position);
        T? item = slot;
        Debug.Assert(item is not null, "Q2: a taken slot holds an item.");
        slot = null;
        return item;
    }

    // An array of structs, so that writing an element needs no check of the array's covariance.
    private struct Slot
    {
        internal T? Item;
    }
}
