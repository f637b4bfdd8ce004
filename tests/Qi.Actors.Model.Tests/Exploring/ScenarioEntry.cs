namespace Qi.Actors.Model.Controller;

/// <summary>A scenario and how far it is explored.</summary>
/// <param name="Name">Its name, for filters and replays.</param>
/// <param name="Protocol">What it is a scenario of: mutants name it.</param>
/// <param name="Create">Makes one for an execution.</param>
/// <param name="Bounds">How far the search goes.</param>
internal sealed record ScenarioEntry(string Name, string Protocol, Func<Scenario> Create, Bounds Bounds)
{
    /// <summary>What generic types with thread statics are closed with.</summary>
    public IReadOnlyList<Type> Types { get; init; } = [typeof(int), typeof(object)];

    /// <summary>How many preemptions there are with delayed stores; as many as without them if it is not said.</summary>
    public int? PreemptionsWithDelays { get; init; }

    /// <summary>The searches: without delayed stores, and then, if there are any, with them.</summary>
    public IReadOnlyList<Bounds> Searches => Bounds.Delays == 0
        ? [Bounds]
        : [Bounds with { Delays = 0 }, Bounds with { Preemptions = PreemptionsWithDelays ?? Bounds.Preemptions }];
}

/// <summary>The way into another copy of this assembly, also into a mutant's, which is called by reflection.</summary>
internal static class ModelEntry
{
    /// <summary>Searches a scenario within its bounds. What was done, and what was found.</summary>
    public static (string Report, string? Failure) Search(Explorer explorer, string scenario)
    {
        var entry = Scenarios.ScenarioList.Named(scenario);
        var reports = new List<string>();
        foreach (var bounds in entry.Searches)
        {
            var found = explorer.Search(entry, bounds);
            reports.Add($"{found}");
            if (found.Failure is not null)
                return (string.Join(Environment.NewLine, reports), found.Failure);
        }

        return (string.Join(Environment.NewLine, reports), null);
    }

    /// <summary>Runs a scenario at random, also with delayed stores.</summary>
    public static (string Report, string? Failure) Sample(Explorer explorer, string scenario, ulong seed, int executions)
    {
        var found = explorer.Sample(Scenarios.ScenarioList.Named(scenario), seed, executions, hasDelays: true);
        return ($"{found}", found.Failure);
    }

    /// <summary>
    /// Explores the scenarios of a protocol until one fails: all with no preemption, then all with one, and so on. What was found, or null if
    /// none has failed.
    /// </summary>
    public static string? FindFailure(string protocol)
    {
        using var explorer = new Explorer();
        var entries = Scenarios.ScenarioList.All.Where(entry => entry.Protocol == protocol).ToList();
        for (int preemptions = 0; preemptions <= entries.Max(entry => entry.Bounds.Preemptions); preemptions++)
        {
            foreach (var entry in entries)
            {
                foreach (var bounds in entry.Searches.Where(bounds => bounds.Preemptions >= preemptions))
                {
                    var found = explorer.Search(entry, bounds with { Preemptions = preemptions });
                    if (found.Failure is not null)
                        return $"{found}{Environment.NewLine}{found.Failure}";
                }
            }
        }

        return null;
    }
}
