namespace Qi.Actors;

/// <summary>How urgent a run item is: each dispatcher keeps one run queue, a lane, for each priority.</summary>
/// <remarks><b>Order</b>: higher lanes are looked at first; a starvation guard gives the lower ones at least 1 % of the turns.</remarks>
public enum Priority : byte
{
    /// <summary>Background work: runs when nothing else does, and in at least 1 % of the turns.</summary>
    Low = 0,

    /// <summary>The default.</summary>
    Normal = 1,

    /// <summary>Runs before normal work.</summary>
    High = 2,

    /// <summary>Runs next: waits at most for the turn in progress.</summary>
    Critical = 3,
}

/// <summary>Checks priorities that come from users.</summary>
internal static class PriorityCheck
{
    public static Priority Require(Priority value, string name)
        => value <= Priority.Critical
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "Use one of Low, Normal, High and Critical.");
}
