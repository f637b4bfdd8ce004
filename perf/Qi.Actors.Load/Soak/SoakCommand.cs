namespace Qi.Actors.Load.Soak;

/// <summary>The long run: every public capability again and again, until the time is up.</summary>
internal static class SoakCommand
{
    public static int Run(Arguments arguments)
    {
        var options = SoakOptions.From(arguments);
        var catalogue = Choose(options.Episodes);
        string warmUp = options.WarmUp > TimeSpan.Zero ? $"{options.WarmUp.TotalMinutes:0.##} minutes to warm up and " : "";
        Console.WriteLine($"soak: {warmUp}{options.Duration.TotalMinutes:0.##} minutes, seed {options.Seed}, {catalogue.Count} kinds of episodes; memory may grow by {options.MemoryBar:P0}.");
        using var end = new CancellationTokenSource();
        ConsoleCancelEventHandler stop = (_, pressed) =>
        {
            pressed.Cancel = true;
            end.Cancel();
        };
        Console.CancelKeyPress += stop;
        var result = SoakRun.Of(options, catalogue, Console.WriteLine, end.Token).GetAwaiter().GetResult();
        Console.CancelKeyPress -= stop;
        if (options.JsonPath is { } path)
            File.WriteAllText(path, SoakReport.Of(result));
        foreach (string line in SoakReport.Lines(result, end.IsCancellationRequested))
            Console.WriteLine(line);
        return result.HasPassed ? ExitCodes.Passed : ExitCodes.Failed;
    }

    private static IReadOnlyList<SoakEpisode> Choose(IReadOnlyList<string> names)
    {
        foreach (string name in names.Where(static name => SoakCatalogue.All.All(episode => episode.Name != name)))
            throw new UsageException($"There is no episode '{name}'. There are: {string.Join(", ", SoakCatalogue.All.Select(static episode => episode.Name))}.");
        return names.Count == 0 ? SoakCatalogue.All : [.. SoakCatalogue.All.Where(episode => names.Contains(episode.Name, StringComparer.Ordinal))];
    }
}
