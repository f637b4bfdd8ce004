// A deadline whose clock is read later, by the dispatcher. Reading a clock and arming a timer for each short wait would cost more
// than the wait; nearly all of them are over before the dispatcher looks at its clock again. So the waiter only puts itself on its
// dispatcher's list, and stays there, used again and again, until the dispatcher comes by and fixes the deadline of what still waits.
//
// Next: the thread that sets _isListed, then the dispatcher's owner. _isListed: set by the waiter, cleared by the dispatcher's owner.
//   waiter      D1 note the timeout; state := waiting    D2 full fence    D3 not listed? list
//   dispatcher  D4 listed := 0    D5 full fence    D6 read state: still waiting? fix its deadline
// D2 and D5 pair: either D3 comes after D4 and sees 0, so the waiter lists itself, or D1 comes before D6, which sees it waiting.
// P1: it is on at most one list, for only the one who waits puts it there, and only when it is on none.

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>Something that waits, with a deadline that its dispatcher fixes when it next looks at its clock.</summary>
internal abstract class PendingDeadline
{
    internal PendingDeadline? NextPending;
    private bool _isListed;

    /// <summary>D4 to D6. On the dispatcher's thread, between two turns, or after its end.</summary>
    public void Fix()
    {
        Atomic.Write(ref _isListed, false); // D4
        Atomic.Fence(); // D5
        FixIfWaiting(); // D6
    }

    /// <summary>
    /// D3, after D2: makes sure that the calling dispatcher's thread fixes the deadline soon. False if the thread runs no dispatcher of
    /// this pool: the waiter fixes the deadline itself.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected bool TryList(DispatcherPool pool, ThreadContext thread) => Atomic.Read(ref _isListed) || TryListNow(pool, thread);

    /// <summary>Fixes the deadline of what waits now, if anything does.</summary>
    protected abstract void FixIfWaiting();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryListNow(DispatcherPool pool, ThreadContext thread)
    {
        if (!thread.TryEnter(pool, out var dispatcher, out int before))
            return false;
        Atomic.Write(ref _isListed, true);
        dispatcher.AddPendingOnDispatcher(this);
        thread.Exit(before);
        return true;
    }
}
