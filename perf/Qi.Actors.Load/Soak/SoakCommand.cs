namespace Qi.Actors.Load.Soak;

/// <summary>The long run: every public capability again and again, until the time is up.</summary>
internal static class SoakCommand
{
    public static int Run(Arguments arguments)
    {
        var options = SoakOptions.From(arguments);
        return Run(options, SoakCatalogue.All);
    }

    /// <summary>Runs a soak of any kind, and reports.</summary>
    public static int Run(SoakOptions options, IReadOnlyList<SoakEpisode> all, params RestGauge[] gauges)
    {
        var catalogue = Choose(options.Episodes, all);
        string warmUp = options.WarmUp > TimeSpan.Zero ? $"{options.WarmUp.TotalMinutes:0.##} minutes and {options.WarmUpRounds:N0} rounds at least to warm up, and " : "";
        Console.WriteLine($"{options.Kind.Command}: {warmUp}{options.Duration.TotalMinutes:0.##} minutes, seed {options.Seed}, {catalogue.Count} kinds of episodes; memory may grow by {options.MemoryBar:P0}.");
        using var end = new CancellationTokenSource();
        ConsoleCancelEventHandler stop = (_, pressed) =>
        {
            pressed.Cancel = true;
            end.Cancel();
        };
        Console.CancelKeyPress += stop;
        var result = SoakRun.Of(options, catalogue, Console.WriteLine, end.Token, gauges).GetAwaiter().GetResult();
        Console.CancelKeyPress -= stop;
        if (options.JsonPath is { } path)
            File.WriteAllText(path, SoakReport.Of(result));
        foreach (string line in SoakReport.Lines(result, end.IsCancellationRequested))
            Console.WriteLine(line);
        return result.HasPassed ? ExitCodes.Passed : ExitCodes.Failed;
    }

    private static IReadOnlyList<SoakEpisode> Choose(IReadOnlyList<string> names, IReadOnlyList<SoakEpisode> all)
    {
        foreach (string name in names.Where(name => all.All(episode => episode.Name != name)))
            throw new UsageException($"There is no episode '{name}'. There are: {string.Join(", ", all.Select(static episode => episode.Name))}.");
        return names.Count == 0 ? all : [.. all.Where(episode => names.Contains(episode.Name, StringComparer.Ordinal))];
    }
}
