// During a turn the simulation's thread has a part of the pool that nobody else knows of, so work that the turn gives to the pool stays
// there and is handed to the host when the turn ends. Work that asks to be fair goes to the pool's global queue, which is a trap meanwhile
// (GlobalQueueTrap). If neither has it, as in a framework in which the trap cannot be laid, it is refused.
//
// The pool announces each item before it chooses the queue. So the watch leaves a mark in the slot of our queue that comes next: if it is still
// there at the next announcement, or at the turn's end, the item has gone past us. (That the queue has become longer would prove nothing: an item
// can have been taken out again, by a Task.Wait that runs the task itself.) The stack at the announcement is kept until then.

using System.Diagnostics;

namespace Qi.Actors.Testing.Outside;

/// <summary>Takes over the pool work of turns. Simulation thread only.</summary>
internal sealed class PoolTaking(PoolInternals internals, GlobalQueueTrap? trap)
{
    private static readonly object s_mark = new();

    private readonly List<StackTrace> _lost = [];
    private readonly TrapHold _hold = new();
    private object? _part;
    private object? _queue;
    private object? _outerPart;
    private StackTrace? _announced;
    private object?[]? _slots;
    private int _markedSlot;

    /// <summary>Redirects this thread's pool work.</summary>
    public void BeginTurn()
    {
        ref object? current = ref internals.Current(null);
        _outerPart = current;
        current = _part;
    }

    /// <summary>Undoes <see cref="BeginTurn"/>, and hands over what has come.</summary>
    public void EndTurn(IOutsideHost host, List<StackTrace> refused)
    {
        internals.Current(null) = _outerPart;
        _outerPart = null;
        if (_announced is not null)
            CheckAnnounced();
        if (_hold.IsHeld)
            trap!.Release(_hold);

        if (_lost.Count > 0)
        {
            refused.AddRange(_lost);
            _lost.Clear();
        }

        while (!internals.IsEmpty(_queue!))
        {
            if (internals.Take(_queue!) is { } work)
                host.Queue(new TakenWork(internals, work));
        }

        while (_hold.Caught.TryDequeue(out object? fair))
            host.Queue(new TakenWork(internals, fair));
    }

    /// <summary>Work is about to be put into some queue.</summary>
    public void Announce(int hash)
    {
        if (trap is not null)
        {
            trap.Announce(hash, _hold); // it is either here or there
            return;
        }

        if (_announced is not null)
            CheckAnnounced();
        _announced = new StackTrace();
        (_slots, _markedSlot) = internals.NextSlot(_queue!);
        _slots[_markedSlot] = s_mark;
    }

    /// <summary>Prepares for the simulation that begins on this thread.</summary>
    public void Begin() => (_part, _queue) = internals.NewPart(trap?.Queue);

    private void CheckAnnounced()
    {
        bool hasGrown = internals.NextSlot(_queue!).Slots != _slots; // for this item
        ref object? slot = ref _slots![_markedSlot];
        if (slot == s_mark)
        {
            slot = null;
            if (!hasGrown)
                _lost.Add(_announced!);
        }

        _announced = null;
        _slots = null;
    }
}
