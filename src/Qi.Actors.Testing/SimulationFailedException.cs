using System.Globalization;
using System.Text;

using Microsoft.Extensions.Logging;

namespace Qi.Actors.Testing;

/// <summary>A simulation has failed. The message says how to repeat it.</summary>
public sealed class SimulationFailedException : Exception
{
    /// <summary>Creates one without a message.</summary>
    public SimulationFailedException()
    {
    }

    /// <summary>Creates one.</summary>
    public SimulationFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one with a cause.</summary>
    public SimulationFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal SimulationFailedException(SimulationReport report)
        : base(Describe(report), report.Failure)
        => Report = report;

    /// <summary>How the simulation went.</summary>
    public SimulationReport? Report { get; }

    private const int MostErrors = 3;

    internal static string Describe(SimulationReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"The simulation with seed {report.Seed} failed after {report.Turns:N0} turns, at {report.VirtualTime} of virtual time: {report.Failure!.Message}");
        text.AppendLine().Append(CultureInfo.InvariantCulture, $"Repeat it with Simulation.Run({report.Seed}, body");
        if (report.Faults.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $", options with {{ Faults = FaultPlan.Of({string.Join(", ", report.Faults)}) }}");
        text.Append(CultureInfo.InvariantCulture, $"), or set {SeedVariable.Name}={report.Seed} for a search. Order signature: {report.Signature:x16}.");
        if (report.MissedFaults.Count > 0)
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"Of the script, {string.Join(", ", report.MissedFaults)} did not strike: no actor had that path, or nothing came so far.");
        if (report.Remark is not null)
            text.AppendLine().Append(report.Remark);
        AppendErrors(text, report);
        return text.ToString();
    }

    // The actor that failed is often not the one that is waited for. What the failure says itself is not said twice.
    private static void AppendErrors(StringBuilder text, SimulationReport report)
    {
        var errors = report.Logs.Where(entry => entry.Level >= LogLevel.Error && entry.Exception != report.Failure).ToList();
        if (errors.Count == 0)
            return;
        text.AppendLine().Append("Errors that were logged, the oldest first:");
        foreach (var entry in errors.Take(MostErrors))
            text.AppendLine().Append("  ").Append(entry);
        if (errors.Count > MostErrors)
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"  and {errors.Count - MostErrors} more, in the report's Logs.");
    }
}

/// <summary>Why a simulation could not go on.</summary>
public enum SimulationObstacle
{
    /// <summary>Nothing is runnable, no timer is set, and the body has not ended: it waits for something that never comes.</summary>
    Deadlock,

    /// <summary>The turns are used up (<see cref="SimulationOptions.TurnLimit"/>).</summary>
    TurnLimit,

    /// <summary>Virtual time is used up (<see cref="SimulationOptions.TimeLimit"/>).</summary>
    TimeLimit,

    /// <summary>Something was called, or came back, that a simulation does not control: the thread pool, a thread, real I/O.</summary>
    Outside,

    /// <summary>A turn blocks the simulation's only thread, or does not end.</summary>
    BlockedTurn,
}

/// <summary>A simulation could not go on.</summary>
public sealed class SimulationObstacleException : Exception
{
    /// <summary>Creates one without a message.</summary>
    public SimulationObstacleException()
    {
    }

    /// <summary>Creates one.</summary>
    public SimulationObstacleException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one with a cause.</summary>
    public SimulationObstacleException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal SimulationObstacleException(SimulationObstacle obstacle, string message)
        : base(message)
        => Obstacle = obstacle;

    /// <summary>Which.</summary>
    public SimulationObstacle Obstacle { get; }
}
