namespace Qi.Actors.Testing;

/// <summary>How a simulation went.</summary>
public sealed record SimulationReport
{
    /// <summary>Its seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The order in which turns were run, as a hash: equal signatures, equal orders.</summary>
    public required ulong Signature { get; init; }

    /// <summary>How many turns were run.</summary>
    public required long Turns { get; init; }

    /// <summary>How much virtual time passed.</summary>
    public required TimeSpan VirtualTime { get; init; }

    /// <summary>How long it took in real time. It differs from run to run.</summary>
    public required TimeSpan RealTime { get; init; }

    /// <summary>The faults that struck, in order, by script or by chance. As a script, with the same seed, they repeat the run.</summary>
    public required IReadOnlyList<Fault> Faults { get; init; }

    /// <summary>The faults of the script that have not struck: no actor had that path, or nothing came so far. Empty if all have.</summary>
    public IReadOnlyList<Fault> MissedFaults { get; init; } = [];

    /// <summary>What was logged.</summary>
    public required IReadOnlyList<LogEntry> Logs { get; init; }

    /// <summary>What it failed with; null if it did not fail.</summary>
    public Exception? Failure { get; init; }

    /// <summary>What else a search has to say about the failure, such as that its seed does not repeat it; null if nothing.</summary>
    public string? Remark { get; init; }

    /// <summary>How the stop of the system at the end went; null if the simulation failed before.</summary>
    public StopReport? Stop { get; init; }

    /// <summary>True if the body ended well.</summary>
    public bool HasSucceeded => Failure is null;

    /// <summary>A line for people.</summary>
    public override string ToString()
    {
        string outcome = Failure is null ? "succeeded" : $"failed with a {Failure.GetType().Name}: {Failure.Message.ReplaceLineEndings(" ")}";
        string missed = MissedFaults.Count == 0 ? "" : $", {MissedFaults.Count:N0} of the script missed";
        return $"seed {Seed}, {Turns:N0} turns, {VirtualTime} of virtual time, {Faults.Count:N0} faults{missed}, signature {Signature:x16}: {outcome}";
    }
}
