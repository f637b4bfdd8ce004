// Which threads have read and written the locations that exist since the scenario was set up, in all executions of a search so far. A step on a
// location that nobody else has a conflicting step on depends on nothing: to interrupt a thread before it is the same as to interrupt it
// after it, and to delay such a store is the same as to delay the next one. So the search leaves these choices out.
//
// What is not known yet may be wrong: if a conflict shows in a later execution the search is repeated from its start with what is known
// then. A few random executions before the first search find nearly all.

namespace Qi.Actors.Model.Controller;

/// <summary>Who touches what.</summary>
internal sealed class AccessMap
{
    private readonly List<(uint Readers, uint Writers)> _accesses = [];

    /// <summary>True if a conflict has shown since this was last set to false.</summary>
    public bool HasGrown { get; set; }

    /// <summary>A thread reads or writes a location.</summary>
    public void Note(Location location, ModelThread thread, bool isWrite)
    {
        if (!location.IsFromSetUp)
            return;
        while (_accesses.Count <= location.Number)
            _accesses.Add((0, 0));
        var (readers, writers) = _accesses[location.Number];
        uint bit = 1u << thread.Index;
        if (((isWrite ? writers : readers) & bit) != 0)
            return;
        bool wasBoring = !HasConflict(readers, writers);
        (readers, writers) = isWrite ? (readers, writers | bit) : (readers | bit, writers);
        _accesses[location.Number] = (readers, writers);
        HasGrown |= wasBoring && HasConflict(readers, writers);
    }

    /// <summary>True if two threads have touched the location, and one of them has written it.</summary>
    public bool HasConflict(Location location)
        => !location.IsFromSetUp || (location.Number < _accesses.Count && HasConflict(_accesses[location.Number].Readers, _accesses[location.Number].Writers));

    private static bool HasConflict(uint readers, uint writers)
    {
        uint all = readers | writers;
        return writers != 0 && (all & (all - 1)) != 0;
    }
}
