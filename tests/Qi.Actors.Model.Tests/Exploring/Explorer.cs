// Explores a scenario: exhaustively within bounds, at random, or one schedule again.

using System.Diagnostics;
using System.Globalization;

namespace Qi.Actors.Model.Controller;

/// <summary>What an exploration has found.</summary>
internal sealed record Exploration(string Scenario, string Mode, long Executions, long Pruned, int States, int MostSteps, TimeSpan Time, string? Failure)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Scenario} {Mode}: {Executions} executions, {Pruned} pruned, {States} states, up to {MostSteps} steps, {Time.TotalSeconds:0.00} s{(Failure is null ? "" : ", FAILED")}");
}

/// <summary>Runs executions of scenarios. One thread at a time.</summary>
internal sealed class Explorer : IDisposable
{
    private const int StepLimit = 4_000;

    private const int SamplesForAccesses = 200;

    private readonly Dictionary<string, Crew> _crews = [];
    private readonly Dictionary<string, AccessMap> _accesses = [];

    /// <summary>Called with the scenario of every execution of a search that has ended.</summary>
    public Action<Scenario>? Ended { get; set; }

    /// <summary>All executions within the bounds, until one fails.</summary>
    public Exploration Search(ScenarioEntry entry, Bounds bounds, Reductions reductions = Reductions.All)
    {
        if (!reductions.HasFlag(Reductions.Conflicts))
            return SearchWith(entry, bounds, reductions, null);
        var accesses = AccessesOf(entry);
        while (true)
        {
            accesses.HasGrown = false;
            var found = SearchWith(entry, bounds, reductions, accesses);
            if (found.Failure is not null || !accesses.HasGrown)
                return found;
        }
    }

    /// <summary>Executions by random priorities, until one fails.</summary>
    public Exploration Sample(ScenarioEntry entry, ulong firstSeed, int count, bool hasDelays)
        => Sample(entry, firstSeed, count, hasDelays, null);

    private Exploration Sample(ScenarioEntry entry, ulong firstSeed, int count, bool hasDelays, AccessMap? accesses)
    {
        var watch = Stopwatch.StartNew();
        var crew = CrewOf(entry);
        int mostSteps = 0;
        for (int i = 0; i < count; i++)
        {
            ulong seed = firstSeed + (ulong)i;
            var chooser = new RandomChooser(seed, 1 + (i % 4), Math.Max(mostSteps, 20), hasDelays);
            var execution = new Execution(chooser, StepLimit) { Accesses = accesses };
            int collections = GC.CollectionCount(0);
            string? failure = execution.Run(entry.Create(), crew);
            if (GC.CollectionCount(0) != collections)
                continue;
            mostSteps = Math.Max(mostSteps, execution.Steps);
            if (failure is null)
                continue;
            string report = Report(entry, $"{failure} (seed {seed})", chooser.Schedule, hasDelays);
            return new Exploration(entry.Name, "random", i + 1, 0, 0, mostSteps, watch.Elapsed, report);
        }

        return new Exploration(entry.Name, $"random from seed {firstSeed}", count, 0, 0, mostSteps, watch.Elapsed, null);
    }

    /// <summary>One schedule, step by step.</summary>
    public string Replay(ScenarioEntry entry, string schedule, bool hasDelays, out string? failure)
    {
        var execution = new Execution(new ReplayChooser(schedule, hasDelays), StepLimit) { Recorder = new Recorder() };
        failure = execution.Run(entry.Create(), CrewOf(entry));
        return execution.Recorder.ToString();
    }

    public void Dispose()
    {
        foreach (var crew in _crews.Values)
            crew.Dispose();
        _crews.Clear();
    }

    private AccessMap AccessesOf(ScenarioEntry entry)
    {
        if (!_accesses.TryGetValue(entry.Name, out var accesses))
        {
            _accesses[entry.Name] = accesses = new AccessMap();
            Sample(entry, 1, SamplesForAccesses, hasDelays: false, accesses);
        }

        return accesses;
    }

    private Exploration SearchWith(ScenarioEntry entry, Bounds bounds, Reductions reductions, AccessMap? accesses)
    {
        var chooser = new DepthFirstChooser(bounds, reductions);
        var execution = new Execution(chooser, StepLimit) { Accesses = accesses };
        var crew = CrewOf(entry);
        var watch = Stopwatch.StartNew();
        long executions = 0;
        int mostSteps = 0;
        string? failure = null;
        bool goesOn = true;
        while (goesOn && failure is null && accesses?.HasGrown is not true)
        {
            int collections = GC.CollectionCount(0);
            var scenario = entry.Create();
            failure = execution.Run(scenario, crew) ?? chooser.Divergence;
            if (GC.CollectionCount(0) != collections)
            {
                chooser.Repeat();
                failure = null;
                continue;
            }

            executions++;
            Ended?.Invoke(scenario);
            mostSteps = Math.Max(mostSteps, execution.Steps);
            if (failure is null)
                goesOn = chooser.Advance();
        }

        string mode = $"{bounds}{(reductions == Reductions.All ? "" : $" with {reductions} only")}";
        string? report = failure is null ? null : Report(entry, failure, chooser.Schedule, bounds.Delays > 0);
        return new Exploration(entry.Name, mode, executions, chooser.Pruned, chooser.States, mostSteps, watch.Elapsed, report);
    }

    private string Report(ScenarioEntry entry, string failure, string schedule, bool hasDelays)
    {
        string steps = Replay(entry, schedule, hasDelays, out string? again);
        string name = $"{entry.Name}/{(hasDelays ? "delays" : "plain")}/{schedule}";
        return string.Join(
            Environment.NewLine,
            failure,
            "",
            steps,
            again is null ? "The replay did not fail: the scenario is not deterministic, or depends on an execution before." : "",
            "Replay it with:",
            $"  QI_MODEL_REPLAY='{name}' dotnet test tests/Qi.Actors.Model.Tests -c Release --filter \"FullyQualifiedName~ReplayTests\" --logger \"console;verbosity=detailed\"");
    }

    private Crew CrewOf(ScenarioEntry entry)
    {
        string key = string.Join(',', entry.Types.Select(type => type.FullName));
        if (!_crews.TryGetValue(key, out var crew))
            _crews[key] = crew = new Crew(new ThreadStatics(entry.Types));
        return crew;
    }
}
