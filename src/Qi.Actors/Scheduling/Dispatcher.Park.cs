// Searching and sleeping: the sleep protocol of docs/protocols/sleep.md, steps S1 to S9.
//
//   searcher, going to sleep                         waker, after making an item visible
//   S1  stop counting as searching                   W1  push (plain release store)
//   S2  Publish: parked, IsParked := true            W2  read Idle: somebody parked, nobody searching?
//   S3  ProcessWideFence                             W3  TakeToWake: remove it from the list, count it as searching
//   S4  if nobody searched at S2: look at everything W4  Unpark
//   S5  found: Retract, search again
//   S6  Park, in the reactor if there is one, until unparked, the next timer, an event or the next trim (Dispatcher.Trim.cs)
//   S7  IsParked := false, Retract if still listed
//   S8  if a waker had taken it: it counts as searching already
//   S9  awake, by a waker, a timer, an event or a control message: the monitor must not sleep any more; then the events are dispatched
//
// How long a searcher spins before S1 adapts: each spin in vain halves it, down to a sixteenth of SpinTime; a find, or a wake-up so soon
// that the full spin would have found it, restores it. So timers and rare messages do not pay for spinning, and a busy exchange does.
//
// S3 pairs with the missing fence between W1 and W2: either W2 sees the publication of S2, or S4 sees the push of W1. If at
// S2 somebody else searched, that one will reach its own S2 later, and look for both.

using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

internal sealed partial class Dispatcher
{
    private const int SpinShrink = 2;
    private const int LeastSpinShare = 16;

    private bool _isSearching;
    private bool _wasWoken;
    private readonly uint[] _loneTaken;
    private long _spinNs;

    /// <summary>Finds work elsewhere or sleeps until there is some. Null when the pool stops.</summary>
    private RunItem? SearchOrPark()
    {
        while (!Pool.IsStopping)
        {
            if ((TakeAnything() ?? TakeAfterLook()) is { } item)
                return EndSearchWith(item);
            _isSearching = _isSearching || Pool.Idle.TryBeginSearch();
            if (_isSearching && Search() is { } found)
                return EndSearchWith(found);
            Park();
        }

        return null;
    }

    // Whenever there is nothing else to do, what the operating system has for us comes next.
    private RunItem? TakeAfterLook() => LookIntoReactor(MostEventsIdle) ? TakeAnything() : null;

    /// <summary>Everything that needs no search: own timers, control messages, rings and the inject queue.</summary>
    private RunItem? TakeAnything()
    {
        ApplyControl();
        Timers.FireDue(Clock.NowNs());
        if (_lifo is { } slot)
        {
            _lifo = null;
            return slot;
        }

        if (_fresh.TryPop() is { } fresh)
            return fresh;
        for (int lane = Lanes.Count - 1; lane >= 0; lane--)
        {
            if ((Lanes.TryPop((Priority)lane) ?? TakeInjected((Priority)lane)) is { } item)
                return item;
        }

        return null;
    }

    private RunItem? Search()
    {
        long deadlineNs = Clock.NowNs() + _spinNs;
        while (true)
        {
            if (Steal() is { } stolen)
                return FindBySpinning(stolen);
            for (int i = 0; i < SpinLimits.Search; i++)
            {
                if (!Pool.Inject.IsEmpty || !Control.IsEmpty || Pool.IsStopping)
                    return FindBySpinning(TakeAnything());
                Atomic.Pause();
            }

            long nowNs = Clock.NowNs();
            if (nowNs >= deadlineNs)
            {
                _spinNs = Math.Max(_spinNs / SpinShrink, Pool.Settings.SpinNs / LeastSpinShare);
                return null;
            }

            if (Timers.FireDue(nowNs) > 0)
                return TakeAnything();
            if (LookIntoReactor(MostEventsIdle))
                return FindBySpinning(TakeAnything());
        }
    }

    // Spinning pays.
    private RunItem? FindBySpinning(RunItem? item)
    {
        _spinNs = Pool.Settings.SpinNs;
        return item;
    }

    // Random victim first, highest lane first: half of what the victim has moves over.
    private RunItem? Steal()
    {
        for (int lane = Lanes.Count - 1; lane >= 0; lane--)
        {
            if (StealFromLane((Priority)lane) is { } item)
                return item;
        }

        return null;
    }

    private RunItem? StealFromLane(Priority lane)
    {
        if (!Pool.Settings.EnableWorkStealing)
            return null;
        var all = Pool.Dispatchers;
        int start = (int)_rng.Below((uint)all.Length);
        for (int i = 0; i < all.Length; i++)
        {
            var victim = all[(start + i) % all.Length];
            if (victim == this || victim.Lanes.Ring(lane).IsEmpty || IsServed(victim, lane))
                continue;
            _thread!.Counters.StealAttempts++;
            var item = victim.Lanes.Ring(lane).StealHalfInto(Lanes.Ring(lane), out int stolen);
            if (item is null)
                continue;
            _thread.Counters.Steals++;
            _thread.Counters.StolenItems += stolen;
            Lanes.MarkFilled(lane);
            if (stolen > 1 && Pool.Idle.ShouldWake)
                Pool.WakeOne(); // as for injected items; one that searches does so when it ends the search
            return item;
        }

        return null;
    }

    // A ring with one item whose owner is at work on it: since the last look it has taken another. To steal that one would send a chain of
    // spawns to and fro between the cores. If the owner is not, the next look takes it: within a microsecond of spinning, or after S4.
    private bool IsServed(Dispatcher victim, Priority lane)
    {
        var ring = victim.Lanes.Ring(lane);
        if (lane != Priority.Normal || ring.Count != 1)
            return false;
        uint taken = ring.TakenCount;
        bool hasMoved = taken != _loneTaken[victim.Index];
        _loneTaken[victim.Index] = taken;
        return hasMoved;
    }

    // S4. What is in an awake dispatcher's ring is not lost: a lone item that its owner is about to take is no reason to stay awake.
    private bool SeesWork()
    {
        if (!Pool.Inject.IsEmpty)
            return true;
        if (!Pool.Settings.EnableWorkStealing)
            return false;
        foreach (var other in Pool.Dispatchers)
        {
            if (!other.Lanes.IsEmpty && !(other.Lanes.HasNoneButNormal && IsServed(other, Priority.Normal)))
                return true;
        }

        return false;
    }

    // The last searcher that finds something passes the search on if there is more to find; so does one that finds it after S5, and searches no
    // more, for whoever pushed before S1 saw it search, and has woken nobody.
    private RunItem EndSearchWith(RunItem item)
    {
        _untilMaintenance = 1;
        _lastMaintenanceNs = Clock.NowNs();
        if (_wasWoken)
            NoteWake(isVain: false);
        bool isLast = !_isSearching || Pool.Idle.EndSearch();
        _isSearching = false;
        if (isLast && Pool.Idle.ShouldWake && Pool.HasVisibleWork())
            Pool.WakeOne();
        return item;
    }

    private void NoteWake(bool isVain)
    {
        _wasWoken = false;
        Pool.Idle.NoteWake(isVain);
    }

    private void Park()
    {
        if (_wasWoken)
            NoteWake(isVain: true);
        if (_isSearching)
        {
            _isSearching = false;
            Pool.Idle.EndSearch(); // S1
        }

        int events = 0;
        FixPending(); // may arm timers
        Atomic.Write(ref _isParked, true);
        bool isLastAwake = Pool.Idle.Publish(this); // S2
        Atomic.ProcessWideFence(); // S3; pairs with the plain accesses W1 and W2 of every waker
        bool hasReason = Pool.IsStopping || !Control.IsEmpty || (isLastAwake && SeesWork()); // S4
        if (!hasReason)
        {
            _thread!.Counters.Parks++;
            _thread.ForgetTarget();
            long sinceNs = Clock.NowNs();
            long trimNs = NextTrimNs(sinceNs);
            long sleepNs = Shorter(Timers.PrepareParkNs(), trimNs);
            bool isUnparked = _reactor is { } bed // S6
                ? Parker.ParkIn(bed, sleepNs, MostEventsIdle, out events)
                : Parker.Park(sleepNs);
            NoteSleep(isForTrim: sleepNs == trimNs && !isUnparked && events == 0);
            if ((isUnparked || events > 0) && Clock.NowNs() - sinceNs < Pool.Settings.SpinNs)
                _spinNs = Pool.Settings.SpinNs; // the full spin would have found it
        }
        else
        {
            Atomic.Pause(); // S5: what was seen may be in somebody's hands for a moment, under the lock of the inject queue or between two rings
        }

        Atomic.Write(ref _isParked, false); // S7
        if (!Pool.Idle.Retract(this))
            _isSearching = _wasWoken = true; // S8
        Pool.EnsureMonitorAwake(); // S9: pairs with the fence before the monitor's last look at Idle, which has just been changed
        if (events > 0)
            DispatchEvents(_reactor!, events);
    }
}
