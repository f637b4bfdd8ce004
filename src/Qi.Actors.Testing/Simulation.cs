using Qi.Actors.Platform;
using Qi.Actors.Testing.Faults;
using Qi.Actors.Testing.Outside;
using Qi.Actors.Testing.World;

namespace Qi.Actors.Testing;

/// <summary>Runs whole actor systems on one thread, in virtual time, in an order that a seed decides.</summary>
/// <remarks>
/// Equal seeds give equal runs, in every process and on every machine, as long as the code under test takes nothing from outside: no clock but the
/// system's <see cref="TimeProvider"/>, no random numbers but seeded ones, no threads. <b>Threads</b>: any; a call blocks until its simulation has
/// ended. <b>Cost</b>: about a tenth of a millisecond for each simulation, and a microsecond for each turn.
/// </remarks>
public static class Simulation
{
    private const int MostShrinkRuns = 200;

    /// <summary>Runs a body in a simulated system and then stops the system.</summary>
    /// <param name="seed">Decides the order of turns and which faults strike by chance.</param>
    /// <param name="body">The test: it spawns actors, talks to them, awaits, and throws if something is wrong.</param>
    /// <param name="options">Faults and limits; null for none and the defaults.</param>
    /// <exception cref="SimulationFailedException">The body threw, or could not be run to its end. The message says how to repeat it.</exception>
    /// <exception cref="ArgumentException">An option of the system is out of its range.</exception>
    public static SimulationReport Run(ulong seed, Func<SimulationContext, Task> body, SimulationOptions? options = null)
    {
        var report = RunOnce(seed, body, options, mayFlow: true);
        return report.HasSucceeded ? report : throw new SimulationFailedException(report);
    }

    /// <summary>The same, but a failure is told by the report.</summary>
    /// <inheritdoc cref="Run(ulong, Func{SimulationContext, Task}, SimulationOptions)"/>
    public static SimulationReport TryRun(ulong seed, Func<SimulationContext, Task> body, SimulationOptions? options = null)
        => RunOnce(seed, body, options, mayFlow: false);

    private static SimulationReport RunOnce(ulong seed, Func<SimulationContext, Task> body, SimulationOptions? options, bool mayFlow)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (OutsideWatch.OfTurn is not null)
            throw new InvalidOperationException("A simulation cannot be run inside another one: it would block that one's only thread. Run one after the other.");
        using var run = new SimulationRun(seed, body, options ?? SimulationOptions.Default);
        return run.Execute(mayFlow);
    }

    /// <summary>Runs the body under many seeds, until one fails; then leaves out every fault that the failure does not need.</summary>
    /// <param name="seeds">Which seeds; <see cref="Seeds.First"/> gives the usual ones. The variable QI_SIMULATION_SEED, if it is set, gives the only one.</param>
    /// <param name="body">The test. It is run from the start for each seed, and must share nothing between two runs.</param>
    /// <param name="options">Faults and limits; null for none and the defaults.</param>
    /// <param name="progress">Told after each seed.</param>
    /// <param name="cancellationToken">Ends the search after the present seed.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SearchReport Search(
        IEnumerable<ulong> seeds,
        Func<SimulationContext, Task> body,
        SimulationOptions? options = null,
        IProgress<SearchProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentNullException.ThrowIfNull(body);
        options ??= SimulationOptions.Default;
        long startNs = Clock.NowNs();
        var signatures = new HashSet<ulong>();
        long turns = 0;
        int done = 0;
        foreach (ulong seed in SeedVariable.Read() is { } only ? [only] : seeds)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var report = TryRun(seed, body, options);
            done++;
            turns += report.Turns;
            signatures.Add(report.Signature);
            progress?.Report(new SearchProgress(done, seed, signatures.Count, turns, Elapsed(startNs), !report.HasSucceeded));
            if (!report.HasSucceeded)
                return new SearchReport(done, signatures.Count, turns, Elapsed(startNs), Examine(report, body, options));
        }

        return new SearchReport(done, signatures.Count, turns, Elapsed(startNs), Failure: null);
    }

    // The failure as it is told: with as few faults as it needs, or with a remark that it does not repeat.
    private static SimulationReport Examine(SimulationReport failed, Func<SimulationContext, Task> body, SimulationOptions options)
    {
        var again = TryRun(failed.Seed, body, options);
        if (again.Signature != failed.Signature || again.Failure?.GetType() != failed.Failure!.GetType())
        {
            string outcome = again.Failure is null ? "did not fail" : $"failed with: {again.Failure.Message}";
            return failed with
            {
                Remark = $"A second run of seed {failed.Seed} {outcome}, in {(again.Signature == failed.Signature ? "the same" : "another")} order. So something comes from outside of the simulation: DateTime.UtcNow, Guid.NewGuid, Random.Shared, a static field, the order of a hash table.",
            };
        }

        return failed.Faults.Count == 0 ? failed : Shrink(failed, body, options);
    }

    private static SimulationReport Shrink(SimulationReport failed, Func<SimulationContext, Task> body, SimulationOptions options)
    {
        var smallest = failed;
        var shrinker = new FaultShrinker(
            script =>
            {
                var report = TryRun(failed.Seed, body, options with { Faults = FaultPlan.Of(script) });
                bool isSame = report.Failure?.GetType() == failed.Failure!.GetType();
                if (isSame)
                    smallest = report;
                return isSame;
            },
            MostShrinkRuns);
        shrinker.Shrink(failed.Faults);
        return smallest;
    }

    private static TimeSpan Elapsed(long startNs) => Clock.NsToTimeSpan(Clock.NowNs() - startNs);
}

/// <summary>Seeds to search through.</summary>
public static class Seeds
{
    /// <summary>The seeds from 1 to a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public static IEnumerable<ulong> First(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Range(1, count);
    }

    /// <summary>A number of seeds from a first one on: to go on where a search has ended.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public static IEnumerable<ulong> Range(ulong first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Enumerable.Range(0, count).Select(index => unchecked(first + (ulong)index));
    }
}
