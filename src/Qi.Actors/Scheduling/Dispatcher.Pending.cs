// Deadlines that are fixed late (PendingDeadline): looked at about once in a millisecond, before the dispatcher sleeps, and when it ends.

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

internal sealed partial class Dispatcher
{
    private PendingDeadline? _pending;
    private long _pendingFixedNs;

    /// <summary>Notes a deadline to be fixed. Owner only.</summary>
    public void AddPendingOnDispatcher(PendingDeadline deadline)
    {
        deadline.NextPending = _pending;
        _pending = deadline;
    }

    // Any thread; an estimate. What is listed may wait no more, but what does has no timer yet that could be overdue.
    private bool HasPending => Atomic.Read(ref _pending) is not null;

    private void FixPending(long nowNs)
    {
        if (nowNs - _pendingFixedNs < TimeSource.NsPerTick)
            return;
        _pendingFixedNs = nowNs;
        FixPending();
    }

    private void FixPending()
    {
        var deadline = _pending;
        _pending = null;
        while (deadline is not null)
        {
            var next = deadline.NextPending;
            deadline.NextPending = null;
            deadline.Fix(); // from here on it may be on a list again
            deadline = next;
        }
    }
}
