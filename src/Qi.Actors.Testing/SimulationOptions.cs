namespace Qi.Actors.Testing;

/// <summary>How a simulation is run. Immutable; share one among many.</summary>
public sealed record SimulationOptions
{
    private readonly TimeSpan _turnCost = TimeSpan.FromMicroseconds(1);
    private readonly TimeSpan _timeLimit = TimeSpan.FromDays(365);
    private readonly long _turnLimit = 100_000_000;
    private readonly TimeSpan _stuckTurnLimit = TimeSpan.FromSeconds(30);
    private readonly TimeSpan _stopTimeout = TimeSpan.FromMinutes(1);
    private readonly TimeSpan _expectWithin = TimeSpan.FromSeconds(3);
    private readonly FaultPlan _faults = FaultPlan.None;

    /// <summary>The defaults: no faults.</summary>
    public static SimulationOptions Default { get; } = new();

    /// <summary>Options of the simulated system; null for the defaults. Threads, budgets and stealing mean nothing here: each message is a turn.</summary>
    public QiActorsOptions? System { get; init; }

    /// <summary>Which faults strike. Default none.</summary>
    public FaultPlan Faults
    {
        get => _faults;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _faults = value;
        }
    }

    /// <summary>The date and time at which the simulation starts. Default 2030-01-01 UTC.</summary>
    public DateTimeOffset StartTime { get; init; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// What a turn takes of virtual time, so that loops which watch the clock come to an end. Default 1 µs; 0 to 1 s. With zero, time stands still
    /// while there is work; only after 10,000 turns at one moment each further one takes 1 µs.
    /// </summary>
    public TimeSpan TurnCost
    {
        get => _turnCost;
        init => _turnCost = Require(value, TimeSpan.Zero, TimeSpan.FromSeconds(1), nameof(TurnCost));
    }

    /// <summary>How much virtual time may pass. Default 365 days; more than zero.</summary>
    public TimeSpan TimeLimit
    {
        get => _timeLimit;
        init => _timeLimit = Require(value, TimeSpan.FromTicks(1), TimeSpan.FromDays(365_000), nameof(TimeLimit));
    }

    /// <summary>How many turns may be run: against systems that never rest. Default 100 million; at least 1.</summary>
    public long TurnLimit
    {
        get => _turnLimit;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _turnLimit = value;
        }
    }

    /// <summary>How long a single turn may take in real time before it is taken for stuck. Default 30 s; 100 ms to 1 day.</summary>
    public TimeSpan StuckTurnLimit
    {
        get => _stuckTurnLimit;
        init => _stuckTurnLimit = Require(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), nameof(StuckTurnLimit));
    }

    /// <summary>How much virtual time the stop at the end may take. Default 1 min; 0 to 1 day.</summary>
    public TimeSpan StopTimeout
    {
        get => _stopTimeout;
        init => _stopTimeout = Require(value, TimeSpan.Zero, TimeSpan.FromDays(1), nameof(StopTimeout));
    }

    /// <summary>How much virtual time an expectation waits that is given no other. Default 3 s; 0 to 1 day.</summary>
    public TimeSpan ExpectWithin
    {
        get => _expectWithin;
        init => _expectWithin = Require(value, TimeSpan.Zero, TimeSpan.FromDays(1), nameof(ExpectWithin));
    }

    private static TimeSpan Require(TimeSpan value, TimeSpan from, TimeSpan to, string name)
        => value >= from && value <= to ? value : throw new ArgumentOutOfRangeException(name, value, $"Allowed: {from} to {to}.");
}
