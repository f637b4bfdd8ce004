// One thread of a scenario. It runs on a thread of the operating system of its own, which it has only while it holds the baton.

namespace Qi.Actors.Model.Controller;

/// <summary>Tells whether a thread that waits may go on.</summary>
internal interface IGate
{
    bool IsOpen(ModelThread thread);

    /// <summary>When the wait ends without it, in nanoseconds of the model's clock; negative for never.</summary>
    long DeadlineNs { get; }

    /// <summary>The deadline has come.</summary>
    void TimeOut();
}

/// <summary>A thread under control.</summary>
internal sealed class ModelThread(Execution execution, int index)
{
    [ThreadStatic]
    private static ModelThread? t_current;

    public readonly Baton Baton = new();
    public readonly List<DelayedStore> Delayed = [];
    public readonly int Index = index;

    public string Name = "";
    public Action Body = static () => { };
    public bool MayBlock;

    public ulong Hash;
    public int Operations;
    public Site Pending;

    /// <summary>What the pending step touches; 0 if nothing that others can see.</summary>
    public nuint PendingKey;

    /// <summary>It was passed over before a step that does not matter to what the others have done since: see DepthFirstChooser.</summary>
    public bool IsAsleep;

    public IGate? Gate;
    public bool IsDone;
    public bool IsYielding;
    public bool IsAbandoned;
    public int RawDepth;
    public int Leftover;
    public int StepsOnEnd;

    /// <summary>How many pauses it still goes through as if nobody else were there.</summary>
    public int StubbornPauses;


    /// <summary>The calling thread, if it is under control and not in a check.</summary>
    public static ModelThread? Current => t_current is { RawDepth: 0, Index: >= 0 } thread ? thread : null;

    /// <summary>The calling thread, in a check or not.</summary>
    public static ModelThread? Any => t_current;

    public Execution Execution => execution;

    /// <summary>Makes the calling thread of the operating system this one's.</summary>
    public static void Bind(ModelThread? thread) => t_current = thread;

    public void Reset()
    {
        Delayed.Clear();
        Hash = Mixing.Mix((ulong)Index + 1, 0x51);
        Operations = 0;
        Pending = new Site(StepKind.Start, "", 0);
        Gate = null;
        PendingKey = 0;
        IsAsleep = false;
        IsDone = false;
        IsYielding = false;
        IsAbandoned = false;
        RawDepth = 0;
        Leftover = 0;
        StepsOnEnd = 0;
        StubbornPauses = 0;
    }

    public bool CanGo => !IsDone && (Gate is null || Gate.IsOpen(this));
}

/// <summary>Keys of what is touched and has no address: odd numbers above all addresses.</summary>
internal static class Keys
{
    private static long s_next;

    public static nuint Next() => (nuint)(0x8000_0000_0000_0001UL + (ulong)(Interlocked.Increment(ref s_next) * 2));
}

/// <summary>Unwinds a thread whose execution is over. Code under test must not keep it.</summary>
internal sealed class ExecutionOverException() : Exception("The execution is over.");

/// <summary>Something that must hold does not.</summary>
internal sealed class ModelFailureException(string message) : Exception(message);
