namespace Qi.Actors.Testing;

/// <summary>How a simulation is run. Immutable; share one among many.</summary>
public sealed record SimulationOptions
{
    /// <summary>The defaults: no faults.</summary>
    public static SimulationOptions Default { get; } = new();

    /// <summary>Options of the simulated system; null for the defaults. Threads, budgets and stealing mean nothing here: each message is a turn.</summary>
    public QiActorsOptions? System { get; init; }

    /// <summary>Which faults strike. Default none.</summary>
    public FaultPlan Faults
    {
        get;
        init => field = Option.Require(value, nameof(Faults), "Give FaultPlan.None for no faults.");
    } = FaultPlan.None;

    /// <summary>The date and time at which the simulation starts. Default 2030-01-01 UTC.</summary>
    public DateTimeOffset StartTime { get; init; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// What a turn takes of virtual time, so that loops which watch the clock come to an end. Default 1 µs; 0 to 1 s. With zero, time stands still
    /// while there is work; only after 10,000 turns at one moment each further one takes 1 µs.
    /// </summary>
    public TimeSpan TurnCost
    {
        get;
        init => field = Require(value, TimeSpan.Zero, TimeSpan.FromSeconds(1), nameof(TurnCost));
    } = TimeSpan.FromMicroseconds(1);

    /// <summary>How much virtual time may pass. Default 365 days; more than zero.</summary>
    public TimeSpan TimeLimit
    {
        get;
        init => field = Require(value, TimeSpan.FromTicks(1), TimeSpan.FromDays(365_000), nameof(TimeLimit));
    } = TimeSpan.FromDays(365);

    /// <summary>How many turns may be run: against systems that never rest. Default 100 million; at least 1.</summary>
    public long TurnLimit
    {
        get;
        init => field = Option.RequireAtLeast(value, 1, nameof(TurnLimit));
    } = 100_000_000;

    /// <summary>How long a single turn may take in real time before it is taken for stuck. Default 30 s; 100 ms to 1 day.</summary>
    public TimeSpan StuckTurnLimit
    {
        get;
        init => field = Require(value, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), nameof(StuckTurnLimit));
    } = TimeSpan.FromSeconds(30);

    /// <summary>How much virtual time the stop at the end may take. Default 1 min; 0 to 1 day.</summary>
    public TimeSpan StopTimeout
    {
        get;
        init => field = Require(value, TimeSpan.Zero, TimeSpan.FromDays(1), nameof(StopTimeout));
    } = TimeSpan.FromMinutes(1);

    /// <summary>How much virtual time an expectation waits that is given no other. Default 3 s; 0 to 1 day.</summary>
    public TimeSpan ExpectWithin
    {
        get;
        init => field = Require(value, TimeSpan.Zero, TimeSpan.FromDays(1), nameof(ExpectWithin));
    } = TimeSpan.FromSeconds(3);

    private static TimeSpan Require(TimeSpan value, TimeSpan from, TimeSpan to, string name)
        => value >= from && value <= to ? value : throw new ArgumentOutOfRangeException(name, value, $"Allowed: {from} to {to}.");
}
