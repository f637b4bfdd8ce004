// The pool's global queue takes what asks to be fair: QueueUserWorkItem, Task.Yield, the wake-ups of channels. It is one for the process, and pool
// threads take from it at once. While a turn that gives work to it lasts, the pool has another queue in its place: one in which nobody finds
// anything. When the turn ends the real one comes back, the items that turns have announced go to their simulations, and all others, which other
// threads of the process gave to the pool meanwhile, to the real queue.
//
//   T1  Nobody takes from the trap but EmptyLocked: it is a TrapRing.
//   T2  The trap is in place while _holders > 0, which changes under _lock.
//   T3  Announced is a hash code only, and the class of an item may say what that is, so equal ones are in the trap at once. But an item is put there by the
//       thread that has announced it, before that thread announces another or ends its turn: so it stands between the tails of those two moments. An item is
//       that simulation's whose announcement has its hash code and its place, and each announcement is for one item. No two simulations have an announcement of one
//       hash code open at once: the second waits until the item of the first is there. What has no announcement goes to the real queue.
//   T4  Whoever has looked at the pool's field may add to the trap after it was taken away. So the trap stays the same one for the process, unless it
//       overflows, is emptied at each release, and once more a moment after the last; one that has overflowed is looked at with its successor.
//   T5  A pool thread that looked while the trap was in place found nothing and went to sleep: if the real queue is not empty at the release, the pool
//       is told by one more item, which does nothing.
//
// Several simulations may hold at once. The lock is never held while anything else is waited for.

using System.Collections.Concurrent;

namespace Qi.Actors.Testing.Outside;

/// <summary>Catches what turns give to the pool's global queue.</summary>
internal sealed class GlobalQueueTrap : IDisposable
{
    private const int SweepMs = 500;
    private const int UsualSpins = 1_000; // a millisecond or so

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Announcement> _announced = [];
    private readonly List<ConcurrentQueue<object>> _overflowed = [];
    private readonly TrapRing.Internals _internals = new();
    private readonly FieldOf<object?> _poolQueue;
    private readonly object _pool;
    private readonly ConcurrentQueue<object> _real;
    private readonly Timer _sweeper;
    private readonly int _mostSpins;
    private TrapRing _ring;
    private int _holders;

    /// <summary>Prepares it, but lays it not yet.</summary>
    /// <param name="mostSpins">For how long a simulation waits for another one's item of the same hash code. It may have gone to a queue of its thread's own.</param>
    public GlobalQueueTrap(int mostSpins = UsualSpins)
    {
        _mostSpins = mostSpins;
        _pool = PrivateMember.StaticValue(typeof(ThreadPool), "s_workQueue");
        _poolQueue = PrivateMember.Field<object?>(_pool.GetType(), "workItems");
        _real = _poolQueue(_pool) as ConcurrentQueue<object> ?? throw new MissingMemberException("The pool's global queue is no ConcurrentQueue<object>.");
        _ring = new TrapRing(_internals);
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _sweeper = new Timer(static trap => ((GlobalQueueTrap)trap!).Sweep(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>The trap itself, for a thread's part of a pool that has more than one global queue.</summary>
    public object Queue
    {
        get
        {
            lock (_lock)
                return _ring.Queue;
        }
    }

    /// <summary>Work with this hash code is about to be given to some queue of the pool by a turn. From the turn's first announcement on the trap is held.</summary>
    public void Announce(int hash, TrapHold hold)
    {
        var spinner = default(SpinWait);
        while (!TryAnnounce(hash, hold, mustNotWait: spinner.Count >= _mostSpins))
            spinner.SpinOnce(sleep1Threshold: -1);
    }

    /// <summary>The turn has ended: what it gave to the global queue is in its queue.</summary>
    public void Release(TrapHold hold)
    {
        bool mustWake;
        lock (_lock)
        {
            if (--_holders == 0)
                _poolQueue(_pool) = _real;
            Close(hold);
            mustWake = EmptyLocked() || !_real.IsEmpty;
            ForgetLocked(announcement => announcement.Hold == hold);
            hold.IsHeld = false;
        }

        if (mustWake)
            Wake();
        _sweeper.Change(SweepMs, Timeout.Infinite); // T4
    }

    /// <summary>Sweeps no more. The one of the process lives as long as that.</summary>
    public void Dispose() => _sweeper.Dispose();

    // False if another simulation is about to add an item of that hash code.
    private bool TryAnnounce(int hash, TrapHold hold, bool mustNotWait)
    {
        lock (_lock)
        {
            Close(hold);
            if (_announced.ContainsKey(hash) || _ring.Count > TrapRing.Capacity / 2)
            {
                EmptyLocked();
                ForgetLocked(hash, static announcement => !announcement.IsOpen); // their items went elsewhere
            }

            _announced.TryGetValue(hash, out var others);
            if (others is not null && !mustNotWait)
                return false;
            if (!hold.IsHeld)
            {
                hold.IsHeld = true;
                if (_holders++ == 0)
                    _poolQueue(_pool) = _ring.Queue; // T2
            }

            hold.Open = _announced[hash] = new Announcement(hold, _ring.Tail, others);
            return true;
        }
    }

    private void Close(TrapHold hold)
    {
        if (hold.Open is { } open)
            open.Close(_ring.Tail);
        hold.Open = null;
    }

    // True if something went to the real queue.
    private bool EmptyLocked()
    {
        bool hasOthers = false;
        while (_ring.TryTake(out object? item, out int position))
            hasOthers |= !TryGive(item, announcement => announcement.Covers(position));
        if (_ring.HasOverflowed)
            ReplaceLocked();
        foreach (var rest in _overflowed)
        {
            while (rest.TryDequeue(out object? item))
                hasOthers |= !TryGive(item, static _ => true);
        }

        return hasOthers;
    }

    private bool TryGive(object item, Predicate<Announcement> isMeant)
    {
        int hash = item.GetHashCode(); // the same virtual call as the pool's when it announces
        Announcement? before = null;
        for (var announcement = _announced.GetValueOrDefault(hash); announcement is not null; before = announcement, announcement = announcement.Next)
        {
            if (!isMeant(announcement))
                continue;
            Remove(hash, before, announcement);
            announcement.Hold.Caught.Enqueue(item);
            return true;
        }

        _real.Enqueue(item);
        return false;
    }

    private void Remove(int hash, Announcement? before, Announcement announcement)
    {
        if (announcement.Hold.Open == announcement)
            announcement.Hold.Open = null;
        if (before is not null)
            before.Next = announcement.Next;
        else if (announcement.Next is { } next)
            _announced[hash] = next;
        else
            _announced.Remove(hash);
    }

    // What another thread is just adding may come to the old ring's successors: they are looked at from then on.
    private void ReplaceLocked()
    {
        _overflowed.Add(_ring.Queue);
        _ring = new TrapRing(_internals);
        ForgetLocked(static announcement => !announcement.IsOpen);
        foreach (var first in _announced.Values)
        {
            for (var announcement = first; announcement is not null; announcement = announcement.Next)
                announcement.MoveTo(_ring.Tail);
        }

        if (_holders > 0)
            _poolQueue(_pool) = _ring.Queue;
    }

    private void ForgetLocked(Predicate<Announcement> isOver)
    {
        foreach (int hash in _announced.Keys)
            ForgetLocked(hash, isOver);
    }

    private void ForgetLocked(int hash, Predicate<Announcement> isOver)
    {
        Announcement? before = null;
        for (var announcement = _announced.GetValueOrDefault(hash); announcement is not null; announcement = announcement.Next)
        {
            if (isOver(announcement))
                Remove(hash, before, announcement);
            else
                before = announcement;
        }
    }

    private void Sweep()
    {
        bool mustWake;
        lock (_lock)
            mustWake = EmptyLocked();
        if (mustWake)
            Wake();
    }

    // T5
    private static void Wake() => ThreadPool.UnsafeQueueUserWorkItem(static _ => { }, null);

    /// <summary>One item that a turn gives to some queue of the pool.</summary>
    internal sealed class Announcement(TrapHold hold, int from, Announcement? next)
    {
        private int _from = from;
        private int _to;

        public TrapHold Hold => hold;

        /// <summary>Another one with the same hash code.</summary>
        public Announcement? Next { get; set; } = next;

        /// <summary>True as long as the item may still be on its way.</summary>
        public bool IsOpen { get; private set; } = true;

        /// <summary>True if the item may be the one at a place of the trap.</summary>
        public bool Covers(int position) => position - _from >= 0 && (IsOpen || position - _to < 0);

        public void Close(int to)
        {
            _to = to;
            IsOpen = false;
        }

        public void MoveTo(int from) => _from = from;
    }
}

/// <summary>What a simulation has to do with the trap.</summary>
internal sealed class TrapHold
{
    /// <summary>What it gave to the global queue.</summary>
    public Queue<object> Caught { get; } = new();

    /// <summary>True from the first announcement of a turn to its end. Under the trap's lock.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The last announcement, unless its item was found. Under the trap's lock.</summary>
    public GlobalQueueTrap.Announcement? Open { get; set; }
}
