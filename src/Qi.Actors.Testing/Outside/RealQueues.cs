// The framework's own timer queues, as far as a turn needs them: held from the first timer that the turn sets until its end, so that none of its
// timers comes due in real time, however long the turn takes.
//
// The hold begins inside TimerQueueTimer.Change, whose thread has the lock of one queue already. Two simulations that wait
// for each other's queue would never end, so all locks are taken, in one order; to keep the order, the lock that Change has is given back first and
// taken again last. Change has only looked whether the timer is disposed by then: a timer that is disposed in between is set all the same, and
// its callback is not called, since Fire looks again.
//
// Another thread that sets a timer meanwhile waits for the turn's end. It must not hold anything that the turn waits for; a turn that waits
// for another thread is refused anyway (BlockingWaitGuard).

using System.Runtime.CompilerServices;

namespace Qi.Actors.Testing.Outside;

/// <summary>One simulation's hold on the real queues. Simulation thread only.</summary>
internal sealed class RealQueues(TimerInternals internals)
{
    private readonly Lock[] _locks = Array.ConvertAll(internals.Queues, internals.LockOf);
    private readonly List<object> _found = [];
    private long _heldSinceMs;

    /// <summary>True between <see cref="Hold"/> and <see cref="Release"/>.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Keeps all real timers of the process from firing. Called in the course of a Change.</summary>
    public void Hold()
    {
        if (!TryEnterAll())
        {
            var own = Array.Find(_locks, queueLock => queueLock.IsHeldByCurrentThread);
            own?.Exit();
            foreach (var queueLock in _locks)
                queueLock.Enter();
            own?.Enter();
        }

        IsHeld = true;
        _heldSinceMs = Environment.TickCount64;
    }

    /// <summary>Lets real time go on.</summary>
    public void Release()
    {
        IsHeld = false;
        foreach (var queueLock in _locks)
            queueLock.Exit();
    }

    /// <summary>Moves the timers with these hash codes to the frozen queue. One that is not there has been stopped or disposed since.</summary>
    public void MoveTo(FrozenQueue frozen, Dictionary<int, int> hashes)
    {
        foreach (object queue in internals.Queues)
        {
            Find(internals.ShortList(queue), hashes);
            Find(internals.LongList(queue), hashes);
            foreach (object timer in _found)
                frozen.TakeLocked(queue, timer);
            _found.Clear();
        }
    }

    private void Find(object? first, Dictionary<int, int> hashes)
    {
        for (object? timer = first; timer is not null; timer = internals.Next(timer))
        {
            // Hash codes are not unique, and all timers of the process are here; but since the hold began no other thread has set one.
            if (hashes.ContainsKey(RuntimeHelpers.GetHashCode(timer)) && internals.StartTicks(timer) >= _heldSinceMs)
                _found.Add(timer);
        }
    }

    private bool TryEnterAll()
    {
        for (int index = 0; index < _locks.Length; index++)
        {
            if (_locks[index].TryEnter())
                continue;

            while (--index >= 0)
                _locks[index].Exit();
            return false;
        }

        return true;
    }
}
