namespace Qi.Actors.Testing;

/// <summary>How a <see cref="TestSystem"/> is made. Immutable; share one among many.</summary>
public sealed record TestSystemOptions
{
    private readonly SimulationOptions _simulation = DefaultSimulation;

    /// <summary>
    /// What a test system's simulation is like unless it is told otherwise: as <see cref="SimulationOptions.Default"/>, but turns take no virtual time, so that the
    /// clock shows exactly what a test has let pass, and ten million turns are the most.
    /// </summary>
    public static SimulationOptions DefaultSimulation { get; } = new() { TurnCost = TimeSpan.Zero, TurnLimit = 10_000_000 };

    /// <summary>Seed: that of the variable QI_SIMULATION_SEED, or 1. Turns take no virtual time.</summary>
    public static TestSystemOptions Default { get; } = new(); // after the other: it is made of that one

    /// <summary>Decides the order of turns. Null, the default, for the variable QI_SIMULATION_SEED if it is set, else 1.</summary>
    public ulong? Seed { get; init; }

    /// <summary>
    /// Limits, faults, the time of expectations and the options of the system. Default <see cref="DefaultSimulation"/>; copy that one with a with-expression.
    /// <see cref="SimulationOptions.StuckTurnLimit"/> means nothing here, where turns run on the test's own thread.
    /// </summary>
    public SimulationOptions Simulation
    {
        get => _simulation;
        init => _simulation = Option.Require(value, nameof(Simulation), "Give TestSystemOptions.DefaultSimulation for the defaults.");
    }
}
