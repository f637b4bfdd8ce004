namespace Qi.Actors.Testing;

/// <summary>Which faults strike a simulation: some by chance, some by script. Immutable.</summary>
/// <remarks>Chance comes from the seed, but from another stream than the order of turns: a script of the same faults leaves the order as it was.</remarks>
public sealed record FaultPlan
{
    /// <summary>No faults.</summary>
    public static FaultPlan None { get; } = new();

    /// <summary>The chance that a message's handler throws. Default 0; 0 to 1.</summary>
    public double ThrowRate
    {
        get;
        init => field = RequireRate(value, nameof(ThrowRate));
    }

    /// <summary>The chance that an actor is killed before a turn. Default 0; 0 to 1.</summary>
    public double KillRate
    {
        get;
        init => field = RequireRate(value, nameof(KillRate));
    }

    /// <summary>The chance that an actor's turn is put off. Default 0; 0 to 1.</summary>
    public double DelayRate
    {
        get;
        init => field = RequireRate(value, nameof(DelayRate));
    }

    /// <summary>The longest such delay. Default 1 s; more than zero.</summary>
    public TimeSpan MaxDelay
    {
        get;
        init => field = RequirePositive(value, nameof(MaxDelay));
    } = TimeSpan.FromSeconds(1);

    /// <summary>The chance that timers fire late. Default 0; 0 to 1.</summary>
    public double LateTimerRate
    {
        get;
        init => field = RequireRate(value, nameof(LateTimerRate));
    }

    /// <summary>How late at most. Default 100 ms; more than zero.</summary>
    public TimeSpan MaxLateness
    {
        get;
        init => field = RequirePositive(value, nameof(MaxLateness));
    } = TimeSpan.FromMilliseconds(100);

    /// <summary>The chance that the clock jumps before a turn. Default 0; 0 to 1.</summary>
    public double ClockJumpRate
    {
        get;
        init => field = RequireRate(value, nameof(ClockJumpRate));
    }

    /// <summary>The longest such jump. Default 1 min; more than zero.</summary>
    public TimeSpan MaxClockJump
    {
        get;
        init => field = RequirePositive(value, nameof(MaxClockJump));
    } = TimeSpan.FromMinutes(1);

    /// <summary>Which actors faults by chance may strike; null for all. The script does not ask.</summary>
    public Func<ActorPath, bool>? Targets { get; init; }

    /// <summary>Faults that strike whatever the seed. Default none.</summary>
    public IReadOnlyList<Fault> Script
    {
        get;
        init => field = Option.Require(value, nameof(Script), "Give an empty list for no script.");
    } = [];

    /// <summary>A plan of these faults and no others.</summary>
    public static FaultPlan Of(params IEnumerable<Fault> script) => new() { Script = [.. script] };

    internal bool IsNone => ThrowRate == 0 && KillRate == 0 && DelayRate == 0 && LateTimerRate == 0 && ClockJumpRate == 0 && Script.Count == 0;

    private static double RequireRate(double value, string name)
        => value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "A rate is a chance from 0 to 1.");

    private static TimeSpan RequirePositive(TimeSpan value, string name)
        => value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(name, value, "Give more than zero; to have none of these faults, set their rate to 0.");
}
