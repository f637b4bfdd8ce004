// Everything that runs is a run item: an actor's cell, a coroutine, a posted callback. It is intrusive, so that scheduling
// never allocates.
//
// Next is written by whoever owns the item at that moment: the one who schedules it (inject queue, overflow chains), then
// the one who dequeues it. R1: an item is in at most one queue at a time, and is never enqueued while a turn of it runs
// (its own state, the mailbox or the coroutine state word, guarantees it), so plain accesses suffice; the queue that hands
// it over publishes it with a release that the taker's acquire pairs with.

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>An object that a dispatcher can run: one call of it is a turn.</summary>
/// <remarks><b>Threads</b>: run by one thread at a time. Not meant to be derived from outside this package.</remarks>
public abstract class RunItem
{
    internal RunItem? Next;

    private protected RunItem()
    {
    }

    /// <summary>The lane this item is queued in.</summary>
    internal Priority Lane;

    /// <summary>Runs one turn on the calling dispatcher thread. Never throws.</summary>
    internal abstract void Run(DispatcherThread thread);
}
