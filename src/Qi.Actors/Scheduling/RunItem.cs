// Everything that runs is a run item: an actor's cell, a coroutine, a posted callback. It is intrusive, so that scheduling
// never allocates.
//
// Next is written by whoever owns the item at that moment: the one who schedules it, then the one who takes it.
// R1: an item is in at most one queue at a time, and is never enqueued while a turn of it runs (its own state, the mailbox
// or the coroutine state word, guarantees it), so plain accesses suffice; the queue that hands it over publishes it with a
// release that the taker's acquire pairs with.
// R2: the two low bits of Word are the lane, fixed before the item is first scheduled; the other bits belong to the derived
// class and change by atomic operations only.
// Slot is the item's place in the table of what lives; written once, when it is registered.

using System.Runtime.CompilerServices;

namespace Qi.Actors.Scheduling;

/// <summary>An object that a dispatcher can run: one call of it is a turn.</summary>
/// <remarks><b>Threads</b>: run by one thread at a time. Only this package derives from it.</remarks>
public abstract class RunItem
{
    internal const int LaneMask = 3;

    internal RunItem? Next;
    internal int Word = (int)Priority.Normal;
    internal int Slot = -1;

    private protected RunItem()
    {
    }

    /// <summary>The lane this item is queued in.</summary>
    internal Priority Lane
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Priority)(Word & LaneMask);
    }

    /// <summary>Chooses the lane, before the item is first scheduled.</summary>
    internal void SetLane(Priority lane) => Word = (Word & ~LaneMask) | (int)lane;

    /// <summary>Runs one turn on the calling dispatcher thread. Must not throw.</summary>
    internal abstract void Run(ThreadContext thread);

    /// <summary>The pool has ended: this item, which was to be scheduled or was found in a queue, gets no turn. Any thread.</summary>
    internal virtual void Refuse()
    {
    }
}
