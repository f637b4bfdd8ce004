// What runs next, on the busy path. Urgent lanes come first, then the fresh stack, then the LIFO slot, then the rest by priority. At
// every 32nd turn the starvation guard turns the order round for one pick, and every maintenance interval the dispatcher looks at
// injected work, timers and control messages even though it has work of its own.
//
// The LIFO slot and the fresh stack have a time slice: when their items have run for 200 µs in a row, and the ring holds others or the
// slot waits behind the stack, all of them go to the back of the ring. An actor whose turn has ended with messages left also comes
// back to the slot, within the slice: emptying a mailbox before its senders go on keeps it short, and its messages in the cache.
// The guard rotates over Low, Normal and High, so that each of them gets one turn in 96 at least under any flood from above. At
// Normal's turn the slot and the fresh stack give way too, for under a flood nothing else would take their items out; unless there
// is no flood and fresh items have run since.
// The maintenance interval is counted in turns and tuned from measured turn times, so that the clock is read about every
// quarter of the poll interval: short turns are not taxed, and long ones do not delay timers.

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

internal sealed partial class Dispatcher
{
    private const int GuardEveryTurns = 32;
    private const int MaxMaintenanceTurns = 64;
    private const int LifoTurnsPerLook = 32;
    private const long LifoSliceNs = 200_000;
    private const int InjectBatch = 32;

    private int _untilMaintenance;
    private int _maintenanceTurns = 1;
    private long _lastMaintenanceNs;
    private uint _guardTurn;
    private int _guardLane;
    private bool _isInjectedFirst;
    private bool _wasFreshTaken;
    private long _lifoSliceEndNs;

    private RunItem? FindNext()
    {
        if (--_untilMaintenance <= 0)
        {
            Maintain();
            if (Pool.IsStopping)
                return null; // What is queued stays where it is; the system has counted it.
        }

        if ((++_guardTurn & (GuardEveryTurns - 1)) == 0 && TakeGuarded() is { } guarded)
            return guarded;
        if ((Lanes.MayHaveUrgent || Pool.Inject.HasUrgent) && TakeUrgent() is { } urgent)
            return urgent;

        if (_fresh.Count > 0)
        {
            _wasFreshTaken = true;
            if (++_lifoStreak < LifoTurnsPerLook || MayGoOn())
                return _fresh.TryPop();
            GiveWay();
        }
        else if (_lifo is { } slot)
        {
            if (++_lifoStreak < LifoTurnsPerLook || MayGoOn())
            {
                _lifo = null;
                return slot;
            }

            GiveWay();
        }
        else
        {
            _lifoStreak = 0;
            _lifoSliceEndNs = 0;
        }

        return Lanes.TryPop(Priority.Normal) ?? TakeInjected(Priority.Normal) ?? TakeLow();
    }

    // Looks at the clock once in a streak's every 32 turns: its time slice begins at the first look.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool MayGoOn()
    {
        _lifoStreak = 0;
        long nowNs = Clock.NowNs();
        if (_lifoSliceEndNs == 0)
            _lifoSliceEndNs = nowNs + LifoSliceNs;
        bool isSlotWaiting = _lifo is not null && _fresh.Count > 0; // each fresh item may leave another one before it
        return nowNs < _lifoSliceEndNs || !(Lanes.MayHaveWork || isSlotWaiting);
    }

    // What was scheduled last has had its share: it goes to the back of the ring.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GiveWay()
    {
        _lifoSliceEndNs = 0;
        MoveFreshToRing(_fresh.Count);
        if (_lifo is not { } slot)
            return;
        _lifo = null;
        EnqueueOnDispatcher(slot);
    }

    // Before background work is run, urgent work that waits for another dispatcher is taken over.
    private RunItem? TakeLow() => StealFromLane(Priority.Critical) ?? StealFromLane(Priority.High) ?? TakeFrom(Priority.Low);

    // A lane's items are in the own ring and in the inject queue: each is the first to be looked at every other time, so that
    // neither can hide the other.
    private RunItem? TakeFrom(Priority lane)
    {
        _isInjectedFirst = !_isInjectedFirst;
        return _isInjectedFirst
            ? TakeInjected(lane) ?? Lanes.TryPop(lane)
            : Lanes.TryPop(lane) ?? TakeInjected(lane);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RunItem? TakeUrgent()
        => TakeFrom(Priority.Critical) ?? TakeFrom(Priority.High);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RunItem? TakeGuarded()
    {
        var lane = (Priority)_guardLane;
        _guardLane = _guardLane == (int)Priority.High ? (int)Priority.Low : _guardLane + 1;
        if (lane == Priority.Normal && !MustGiveWay())
            return null;

        // A busy dispatcher never searches, so without this one that has no Low work would leave the share of Low to the others.
        return TakeFrom(lane) ?? StealFromLane(lane);
    }

    // Normal's turn in the guard. What waits in the ring or the inject queue has been kept waiting by the slot, unless fresh items have run:
    // then the time slice will do, for to give way here all the same would open a further branch of a tree of spawns every hundred
    // turns, and so grow it breadth first. Under a flood from above nothing else takes Normal's items out.
    private bool MustGiveWay()
    {
        bool isGrowing = _wasFreshTaken;
        _wasFreshTaken = false;
        bool isFlooded = Lanes.MayHaveUrgent || Pool.Inject.HasUrgent;
        bool isAnyoneWaiting = !_normalRing.IsEmpty || Pool.Inject.CountOf(Priority.Normal) > 0;
        if (!isFlooded && (isGrowing || !isAnyoneWaiting))
            return false;
        GiveWay();
        return true;
    }

    // Takes a fair share of a lane's injected items: one to run, the others into the own ring. On their way they were nowhere to be seen for a
    // moment, in which another dispatcher may have looked and parked: so they count as pushed now (W1, W2).
    private RunItem? TakeInjected(Priority lane)
    {
        int waiting = Pool.Inject.CountOf(lane);
        if (waiting == 0)
            return null;
        int share = Math.Min((waiting / Pool.Dispatchers.Length) + 1, InjectBatch);
        var first = Pool.Inject.PopBatch(lane, share, Lanes.Ring(lane));
        Lanes.MarkFilled(lane);
        if (share > 1 && Pool.Idle.ShouldWake)
            Pool.WakeOne();
        return first;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Maintain()
    {
        long nowNs = Clock.NowNs();
        long elapsedNs = nowNs - _lastMaintenanceNs;
        _lastMaintenanceNs = nowNs;

        // Aim for a quarter of the poll interval between two looks, from the time the last round of turns took.
        long targetNs = Pool.Settings.PollIntervalNs / 4;
        long turnNs = Math.Max(1, elapsedNs / _maintenanceTurns);
        _maintenanceTurns = (int)Math.Clamp(targetNs / turnNs, 1, MaxMaintenanceTurns);
        _untilMaintenance = _maintenanceTurns;

        ApplyControl();
        Timers.FireDue(nowNs);
        if (_pending is not null)
            FixPending(nowNs);
        LookIntoReactorInBetween(nowNs);
        TrimResource(nowNs);

        // The inject queue gets its turn although the own work never ends.
        if (TakeInjected(Priority.Normal) is { } injected)
        {
            if (_lifo is null)
                _lifo = injected;
            else
                EnqueueOnDispatcher(injected);
        }

        if (_fresh.Count > 1 && Pool.Idle.IsAnyoneIdle)
            MoveFreshToRing((_fresh.Count + 1) / 2);
        if (Pool.Idle.ShouldWake && HasMoreThanOne)
            Pool.WakeOne();
    }

    private void ApplyControl()
    {
        while (Control.TryDequeue(out var message))
            message.Apply(this);
    }
}
