// Where timers live that were taken from the framework: a TimerQueue of our own that believes its native timer is about to fire, and so never
// sets one. A timer is moved there by making it the timer's queue; from then on whatever the user's code does to the timer (change, stop,
// dispose) happens here, under this queue's lock, and no real time passes for it.
//
//   F1  A timer that is scheduled in virtual time is on the long list, with a start of minus its generation. A stop makes the start 0,
//       a change makes it the machine's tick count: so a timer is still scheduled as generation g if its start is -g.
//   F2  The queue's threshold lies in the infinite future, so a change moves the timer to the short list. The short list is therefore the list
//       of timers that were set or changed and are not yet scheduled.
//
//   F3  Outside of a simulation no timer belongs here: at the end each one that still lives goes back to the queue that it came from, stopped. Else a
//       timer in a static field, set again later by code that is not simulated, would never fire.
//
// A thread that waits for a real queue's lock to dispose a timer, while the turn that set it ends, goes on in this queue without its lock; so does, the other
// way round, one that waits for this queue's lock while the simulation ends. The window is that one turn or end, the timer must be used by a thread of
// another world, and the outcome without the race is undetermined too.

using System.Runtime.CompilerServices;

namespace Qi.Actors.Testing.Outside;

/// <summary>Holds the timers that one simulation has taken.</summary>
internal sealed class FrozenQueue
{
    private readonly TimerInternals _internals;
    private readonly object _queue;
    private readonly Lock _lock;
    private readonly List<(int Order, object Timer)> _changed = [];
    private readonly ConditionalWeakTable<object, object> _homes = []; // the real queue of each timer that was taken and still lives (F3)
    private long _generation;

    public FrozenQueue(TimerInternals internals)
    {
        _internals = internals;
        _queue = internals.NewQueue();
        _lock = internals.LockOf(_queue);
        internals.IsNativeSet(_queue) = true;
        internals.NativeDuration(_queue) = 0;
        internals.Threshold(_queue) = long.MaxValue;
    }

    /// <summary>To whom timers are handed over. Null between two simulations.</summary>
    public IOutsideHost? Host { get; set; }

    /// <summary>True while this thread is inside an operation on a taken timer.</summary>
    public bool IsHeldByCurrentThread => _lock.IsHeldByCurrentThread;

    /// <summary>True if <see cref="ScheduleChanged"/> has something to do.</summary>
    public bool HasChanged => _internals.ShortList(_queue) is not null;

    /// <summary>Takes a timer out of a real queue, whose lock is held.</summary>
    public void TakeLocked(object realQueue, object timer)
    {
        uint due = _internals.DueTime(timer);
        uint period = _internals.Period(timer);
        lock (_lock)
        {
            _internals.Delete(realQueue, timer);
            _internals.Queue(timer) = _queue;
            _homes.AddOrUpdate(timer, realQueue);
            _internals.Update(_queue, timer, due, period);
        }
    }

    /// <summary>Hands all timers that were set or changed to the host, in the order given by their hash codes, the others after them.</summary>
    public void ScheduleChanged(Dictionary<int, int> orderByHash)
    {
        lock (_lock)
        {
            for (var timer = _internals.ShortList(_queue); timer is not null; timer = _internals.Next(timer))
                _changed.Add((orderByHash.GetValueOrDefault(RuntimeHelpers.GetHashCode(timer), int.MaxValue), timer));
            foreach (var (_, timer) in _changed)
                _internals.MoveToList(_queue, timer, arg3: false);
        }

        _changed.Sort(static (a, b) => a.Order.CompareTo(b.Order));
        try
        {
            foreach (var (_, timer) in _changed)
            {
                if (TryBeginGeneration(timer, out long generation, out uint due))
                    Host!.Schedule(new TakenTimer(this, timer, generation), TimeSpan.FromMilliseconds(due));
            }
        }
        finally
        {
            _changed.Clear();
        }
    }

    /// <summary>True if the timer has not been changed, stopped or disposed since that generation.</summary>
    public bool IsScheduled(object timer, long generation) => _internals.StartTicks(timer) == -generation;

    /// <summary>Calls the timer's callback if it is still scheduled. One with a period is scheduled again first.</summary>
    public bool TryFire(object timer, long generation)
    {
        uint period;
        lock (_lock)
        {
            if (!IsScheduled(timer, generation))
                return false;

            period = _internals.Period(timer);
            if (period == TimerInternals.Never)
                _internals.Delete(_queue, timer);
            else
                _internals.StartTicks(timer) = -(generation = ++_generation);
        }

        if (period != TimerInternals.Never)
            Host!.Schedule(new TakenTimer(this, timer, generation), TimeSpan.FromMilliseconds(period));
        _internals.Fire(timer, arg2: false);
        return true;
    }

    /// <summary>What the timer calls, in words.</summary>
    public string Describe(object timer) => WorkNames.OfTimer(_internals.Callback(timer), _internals.State(timer));

    /// <summary>Stops all timers that are left, and gives all that were taken back: their simulation has ended, or another is about to begin.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            while ((_internals.ShortList(_queue) ?? _internals.LongList(_queue)) is { } timer)
                _internals.Delete(_queue, timer);
            foreach (var (timer, realQueue) in _homes)
                _internals.Queue(timer) = realQueue;
            _homes.Clear();
        }
    }

    private bool TryBeginGeneration(object timer, out long generation, out uint due)
    {
        lock (_lock)
        {
            generation = ++_generation;
            due = _internals.DueTime(timer);
            if (due == TimerInternals.Never)
                return false; // stopped by another thread meanwhile

            _internals.StartTicks(timer) = -generation;
            return true;
        }
    }
}
