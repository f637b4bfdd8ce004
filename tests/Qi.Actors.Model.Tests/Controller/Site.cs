namespace Qi.Actors.Model.Controller;

/// <summary>What a step does.</summary>
internal enum StepKind
{
    Start,
    Read,
    Write,
    Exchange,
    CompareExchange,
    Add,
    Or,
    And,
    Fence,
    ProcessWideFence,
    Pause,
    Lock,
    Unlock,
    Park,
    Unpark,
    Wait,
    Signal,
    Clock,
    End,
}

/// <summary>A place in the sources, and what is done there.</summary>
internal readonly record struct Site(StepKind Kind, string File, int Line)
{
    /// <summary>A number that is the same in every run of one build.</summary>
    public ulong Hash
    {
        get
        {
            if (Kind is StepKind.Lock or StepKind.Unlock)
                return (ulong)Kind; // it does not say where, unless it is recorded

            // The file's name by its length and its last characters: a few of them tell our files apart, and the line does the rest.
            ulong hash = Mixing.Mix((ulong)Line, (ulong)Kind + 1);
            string file = File;
            for (int i = Math.Max(0, file.Length - 12); i < file.Length - 3; i++)
                hash = (hash ^ file[i]) * 0x100000001B3;
            return hash;
        }
    }

    public override string ToString() => $"{Path.GetFileName(File)}:{Line} {Kind}";
}

/// <summary>Hashing of histories.</summary>
internal static class Mixing
{
    public static ulong Mix(ulong a, ulong b)
    {
        ulong x = (a ^ (b * 0x9E3779B97F4A7C15)) + 0x632BE59BD9B4E019;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
