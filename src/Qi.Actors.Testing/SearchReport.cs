namespace Qi.Actors.Testing;

/// <summary>How far a search has come.</summary>
/// <param name="SeedsDone">Seeds run so far.</param>
/// <param name="Seed">The last one.</param>
/// <param name="Orders">Different orders of turns among them.</param>
/// <param name="Turns">Turns in all.</param>
/// <param name="Elapsed">Real time since the search began.</param>
/// <param name="HasFailed">True if the last seed failed: the search ends with it.</param>
public readonly record struct SearchProgress(int SeedsDone, ulong Seed, int Orders, long Turns, TimeSpan Elapsed, bool HasFailed)
{
    /// <summary>A line for people.</summary>
    public override string ToString()
        => $"{SeedsDone:N0} seeds, {Orders:N0} orders, {Turns:N0} turns, {Elapsed.TotalSeconds:N1} s{(HasFailed ? $": seed {Seed} failed" : "")}";
}

/// <summary>What a search has found.</summary>
/// <param name="SeedsDone">Seeds run.</param>
/// <param name="Orders">Different orders of turns among them.</param>
/// <param name="Turns">Turns in all.</param>
/// <param name="Elapsed">Real time, without the leaving out of faults.</param>
/// <param name="Failure">The failure, with as few faults as it needs; null if all seeds succeeded.</param>
public sealed record SearchReport(int SeedsDone, int Orders, long Turns, TimeSpan Elapsed, SimulationReport? Failure)
{
    /// <summary>The seed that failed; null if none did.</summary>
    public ulong? FailingSeed => Failure?.Seed;

    /// <summary>A line for people.</summary>
    public override string ToString()
        => $"{SeedsDone:N0} seeds, {Orders:N0} orders, {Turns:N0} turns, {Elapsed.TotalSeconds:N1} s: {(Failure is null ? "none failed" : Failure.ToString())}";

    /// <summary>Fails the test if a seed has failed.</summary>
    /// <exception cref="SimulationFailedException">One has. The message says how to repeat it.</exception>
    public void ThrowIfFailed()
    {
        if (Failure is not null)
            throw new SimulationFailedException(Failure);
    }
}
