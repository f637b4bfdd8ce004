// What a step sees and leaves: locations, their histories, and delayed stores.
//
// Histories. The hash of a thread is that of all its steps: where each was, and which write of which location it saw. So two executions
// that have led to the same hashes of all threads differ only in the order of independent steps, and are in the same state. That
// holds for plain accesses too as long as they do not race.
//
// Delayed stores. A delayed store is executed in memory at once, for its own thread's plain reads; other threads' atomic reads and
// read-modify-writes work on Location.Others. It becomes visible, in the order of the thread's stores, when the thread takes a step
// that is a full fence, waits or ends, at a process-wide fence, and when nobody else can go on without it. When another thread
// stores to the same place, the delayed store comes before that or, if the chooser says so, after it, and overwrites it. Once a
// store is delayed those that follow it are too, or all become visible before: a choice without a cost.

using System.Runtime.CompilerServices;

namespace Qi.Actors.Model.Controller;

internal sealed partial class Execution
{
    private readonly Dictionary<nuint, Location> _locations = [];
    private readonly List<Location> _spareLocations = [];
    private int _usedLocations;

    /// <summary>Who has touched what, in all executions of a search; null if nobody wants to know.</summary>
    public AccessMap? Accesses { get; set; }

    /// <summary>A hash of the state: what every thread has seen, does next, and has not yet shown to the others.</summary>
    public ulong StateHash()
    {
        ulong hash = Mixing.Mix(1, (ulong)NowNs);
        foreach (var thread in _threads)
        {
            ulong own = Mixing.Mix(thread.Hash, thread.Pending.Hash + (thread.IsDone ? 1UL : 0) + (thread.IsYielding ? 2UL : 0) + (thread.IsAsleep ? 4UL : 0) + ((ulong)thread.StubbornPauses << 3));
            foreach (var store in thread.Delayed)
                own = Mixing.Mix(own, store.Hash);
            hash = Mixing.Mix(hash, own);
        }

        return hash;
    }

    /// <summary>The location at an address; made at its first touch.</summary>
    public Location Locate(ModelThread thread, nuint address)
    {
        if (_locations.TryGetValue(address, out var location))
            return location;
        if (_usedLocations == _spareLocations.Count)
            _spareLocations.Add(new Location());
        location = _spareLocations[_usedLocations];
        location.Number = _usedLocations++;
        location.Id = Mixing.Mix((ulong)(thread.Index + 2) << 32, (ulong)thread.Operations);
        location.Address = address;
        location.IsFromSetUp = thread.Index < 0;
        location.LastWrite = 0;
        location.Delayer = null;
        location.DelayedCount = 0;
        location.LastDelayed = 0;
        location.Others = default;
        _locations.Add(address, location);
        return location;
    }

    /// <summary>Gives a location its identity before any thread runs.</summary>
    public void LocateInSetUp(ModelThread thread, nuint address)
    {
        thread.Operations++;
        Locate(thread, address);
    }

    /// <summary>The calling thread reads. On false real memory holds what it sees.</summary>
    public bool TryReadDelayed(ModelThread thread, Location location, Site site, out Word others)
    {
        Accesses?.Note(location, thread, isWrite: false);
        bool isOwn = location.Delayer == thread;
        Note(thread, site, location.Id, isOwn ? location.LastDelayed : location.LastWrite);
        others = location.Others;
        return location.Delayer is not null && !isOwn;
    }

    /// <summary>The calling thread stores: what is in memory now, before the store, is handed over for others to see if it is delayed.</summary>
    /// <returns>False if memory is to stay as it is: another thread's delayed store to the same place comes after this one.</returns>
    public bool Store(ModelThread thread, Location location, Site site, Word before, Word value)
    {
        Accesses?.Note(location, thread, isWrite: true);
        if (location.Delayer is { } other && other != thread)
        {
            if (thread.Delayed.Count == 0 && !IsQuiet(site) && chooser.ChooseDelay(other, isFree: true))
            {
                Note(thread, site, location.Id, location.LastWrite);
                location.LastWrite = thread.Hash;
                location.Others = value;
                Recorder?.Detail("to be overwritten");
                return false;
            }

            DrainOf(other);
        }

        bool isDelayed = !IsQuiet(site) && IsDelayed(thread, location);
        ulong seen = location.Delayer == thread ? location.LastDelayed : location.LastWrite;
        Note(thread, site, location.Id, seen);
        if (!isDelayed)
        {
            location.LastWrite = thread.Hash;
            return true;
        }

        if (location.DelayedCount++ == 0)
        {
            location.Delayer = thread;
            location.Others = before;
        }

        location.LastDelayed = thread.Hash;
        thread.Delayed.Add(new DelayedStore(location, value, thread.Hash, null));
        Recorder?.Detail("delayed");
        return true;
    }

    /// <summary>The calling thread releases a lock. True if others are to see it at once.</summary>
    public bool StoreRelease(ModelThread thread, Site site, ulong id, Action release)
    {
        bool isDelayed = IsDelayed(thread, null);
        Note(thread, site, id, 0);
        if (!isDelayed)
            return true;
        thread.Delayed.Add(new DelayedStore(null, default, thread.Hash, release));
        Recorder?.Detail("delayed");
        return false;
    }

    /// <summary>The calling thread reads and writes in one step, after its delayed stores. On false real memory holds what it sees.</summary>
    public bool BeginUpdate(ModelThread thread, Location location, Site site, out Word others)
    {
        DrainOf(thread);
        Accesses?.Note(location, thread, isWrite: true);
        Note(thread, site, location.Id, location.LastWrite);
        others = location.Others;
        return location.Delayer is not null;
    }

    /// <summary>The step that <see cref="BeginUpdate"/> began has written.</summary>
    public static void EndUpdate(ModelThread thread, Location location, bool hasOthers, Word value)
    {
        location.LastWrite = thread.Hash;
        if (hasOthers)
            location.Others = value;
    }

    /// <summary>A step whose outcome depends on a number only, the history of what it found.</summary>
    public void NoteStep(ModelThread thread, Site site, ulong id, ulong seen) => Note(thread, site, id, seen);

    /// <summary>All delayed stores of a thread become visible. True if there was one.</summary>
    public bool DrainOf(ModelThread thread)
    {
        if (thread.Delayed.Count == 0)
            return false;
        foreach (var store in thread.Delayed)
        {
            if (store.Location is not { } location)
            {
                store.Release!();
                continue;
            }

            Touch(null, location.Address, isRead: false);
            location.LastWrite = store.Hash;
            location.Others = store.Value;
            if (--location.DelayedCount == 0)
                location.Delayer = null;
        }

        thread.Delayed.Clear();
        Recorder?.Note($"the delayed stores of {thread.Name} become visible");
        return true;
    }

    /// <summary>All delayed stores become visible. True if there was one.</summary>
    public bool DrainAll()
    {
        bool isAny = false;
        foreach (var thread in _threads)
            isAny |= DrainOf(thread);
        TouchAll(); // a store that was issued before would be visible now
        return isAny;
    }

    /// <summary>The address of a location.</summary>
    public static unsafe nuint AddressOf<T>(ref readonly T location) => (nuint)Unsafe.AsPointer(ref Unsafe.AsRef(in location));

    private bool IsDelayed(ModelThread thread, Location? location)
    {
        if (thread.Delayed.Count == 0)
            return !(location is not null && IsBoring(location)) && chooser.ChooseDelay(thread, isFree: false);
        if (chooser.ChooseDelay(thread, isFree: true))
            return true;
        DrainOf(thread);
        return false;
    }

    // Nobody else has a step that conflicts with a step on it.
    private bool IsBoring(Location location) => Accesses is not null && !Accesses.HasConflict(location);

    // The step that the thread is about to take depends on nothing that others do.
    private bool IsStepBoring(ModelThread thread)
    {
        if (Accesses is null || thread.Gate is not null)
            return false;
        return thread.Pending.Kind switch
        {
            StepKind.Fence => thread.Delayed.Count == 0,
            StepKind.Read or StepKind.Write or StepKind.Exchange or StepKind.CompareExchange or StepKind.Add or StepKind.Or or StepKind.And
                => (thread.Delayed.Count == 0 || thread.Pending.Kind == StepKind.Read)
                && _locations.TryGetValue(thread.PendingKey, out var location)
                && IsBoring(location),
            _ => false,
        };
    }

    private static void Note(ModelThread thread, Site site, ulong id, ulong seen)
    {
        thread.Operations++;
        thread.Hash = Mixing.Mix(Mixing.Mix(thread.Hash, site.Hash), Mixing.Mix(id, seen));
    }
}
