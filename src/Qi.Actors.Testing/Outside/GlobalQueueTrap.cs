// The pool's global queue takes what asks to be fair: QueueUserWorkItem, Task.Yield, the wake-ups of channels. It is one for the process, and pool
// threads take from it at once. While a turn that gives work to it lasts, the pool has another queue in its place: one in which nobody finds
// anything. When the turn ends the real one comes back, the items that turns have announced go to their simulations, and all others, which other
// threads of the process gave to the pool meanwhile, to the real queue.
//
//   T1  Nobody takes from the trap but EmptyLocked: its head is a segment that is not linked with the others. A ConcurrentQueue looks for items from its head
//       on, and adds them at its tail.
//   T2  The trap is in place while _holders > 0, which changes under _lock.
//   T3  An item of the trap is the simulation's that has announced its hash code, else nobody's: it goes to the real queue.
//   T4  Whoever has looked at the pool's field may add to the trap after it was taken away. So the trap stays the same one for the process, is emptied
//       at each release, and once more a moment after the last.
//   T5  A pool thread that looked while the trap was in place found nothing and went to sleep: if the real queue is not empty at the release, the pool
//       is told by one more item, which does nothing.
//
// Several simulations may hold at once. The lock is never held while anything else is waited for.

using System.Collections.Concurrent;

namespace Qi.Actors.Testing.Outside;

/// <summary>Catches what turns give to the pool's global queue.</summary>
internal sealed class GlobalQueueTrap : IDisposable
{
    private const int FirstSegment = 32;
    private const int SweepMs = 500;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Queue<object>> _owners = [];
    private readonly FieldOf<object?> _poolQueue;
    private readonly FieldOf<object?> _nextSegment;
    private readonly TryTake _tryTake;
    private readonly object _pool;
    private readonly ConcurrentQueue<object> _real;
    private readonly ConcurrentQueue<object> _trap = new();
    private readonly Timer _sweeper;
    private object _segment;
    private int _holders;

    public GlobalQueueTrap()
    {
        _pool = PrivateMember.StaticValue(typeof(ThreadPool), "s_workQueue");
        _poolQueue = PrivateMember.Field<object?>(_pool.GetType(), "workItems");
        _real = _poolQueue(_pool) as ConcurrentQueue<object> ?? throw new MissingMemberException("The pool's global queue is no ConcurrentQueue<object>.");
        var head = PrivateMember.Field<object?>(typeof(ConcurrentQueue<object>), "_head");
        var segmentType = head(_trap)!.GetType();
        _nextSegment = PrivateMember.Field<object?>(segmentType, "_nextSegment");
        _tryTake = PrivateMember.Method<TryTake>(segmentType, "TryDequeue", typeof(object).MakeByRefType());
        _segment = Prepare(head);
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _sweeper = new Timer(static trap => ((GlobalQueueTrap)trap!).Sweep(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>The trap itself, for a thread's part of a pool that has more than one global queue.</summary>
    public object Queue => _trap;

    private delegate bool TryTake(object segment, out object item);

    /// <summary>Work with this hash code is about to be given to some queue of the pool by a turn. From the turn's first announcement on the trap is held.</summary>
    public void Announce(int hash, Queue<object> caught, ref bool isHeld)
    {
        lock (_lock)
        {
            _owners[hash] = caught;
            if (isHeld)
                return;
            isHeld = true;
            if (_holders++ == 0)
                _poolQueue(_pool) = _trap; // T2
        }
    }

    /// <summary>The turn has ended: what it gave to the global queue is in its queue.</summary>
    public void Release(Queue<object> caught)
    {
        bool mustWake;
        lock (_lock)
        {
            if (--_holders == 0)
                _poolQueue(_pool) = _real;
            mustWake = EmptyLocked() || !_real.IsEmpty;
            foreach (var (hash, owner) in _owners)
            {
                if (owner == caught)
                    _owners.Remove(hash);
            }
        }

        if (mustWake)
            Wake();
        _sweeper.Change(SweepMs, Timeout.Infinite); // T4
    }

    /// <summary>Sweeps no more. The one of the process lives as long as that.</summary>
    public void Dispose() => _sweeper.Dispose();

    // Makes the trap's head a segment that leads nowhere (T1). Its true first segment is made by filling the queue's own.
    private object Prepare(FieldOf<object?> head)
    {
        for (int i = 0; i <= FirstSegment; i++)
            _trap.Enqueue(this);
        while (_trap.TryDequeue(out _))
        {
            // Afterwards the head is the last segment.
        }

        object first = head(_trap)!;
        head(_trap) = head(new ConcurrentQueue<object>());
        return first;
    }

    // True if something went to the real queue.
    private bool EmptyLocked()
    {
        bool hasOthers = false;
        while (true)
        {
            // Looked for before the segment is emptied: what was added between the two is not left behind when the next one is gone on to.
            object? next = _nextSegment(_segment);
            while (_tryTake(_segment, out object item))
            {
                if (_owners.TryGetValue(item.GetHashCode(), out var owner)) // the same virtual call as the pool's when it announces
                {
                    owner.Enqueue(item);
                }
                else
                {
                    _real.Enqueue(item);
                    hasOthers = true;
                }
            }

            if (next is null)
                return hasOthers;
            _segment = next;
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
}
