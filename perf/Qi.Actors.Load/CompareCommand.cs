using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Measuring;
using Qi.Actors.Load.Reporting;

namespace Qi.Actors.Load;

/// <summary>Qi beside the stock parts and the peers, each in a process of its own, round by round.</summary>
internal static class CompareCommand
{
    private static readonly TimeSpan s_introduction = TimeSpan.FromSeconds(20);

    public static int Run(Arguments arguments)
    {
        var options = CompareOptions.From(arguments);
        ContenderProcess.EndWithThisProcess();
        var comparisons = Measure(options);
        if (options.JsonPath is { } json)
            File.WriteAllText(json, JsonReport.Of(options, comparisons));
        if (options.ChartPath is { } chart)
            File.WriteAllText(chart, ChartReport.Of(options, comparisons));
        return comparisons.All(comparison => comparison.Failures.Count == 0) ? ExitCodes.Passed : ExitCodes.Failed;
    }

    /// <summary>Measures, and prints each workload's table when it is done.</summary>
    public static IReadOnlyList<Comparison> Measure(CompareOptions options)
    {
        var contenders = Lineup.Choose(options.Peers, options.Folder, s_introduction, Console.WriteLine);
        var table = new TableReport(Console.Out);
        var progress = new Progress(Console.Error);
        var rounds = new Rounds(options.Rounds, options.WarmUp, options.Patience, progress.Show);
        table.Begin(options, contenders);
        var comparisons = new List<Comparison>();
        foreach (var workload in options.Workloads)
        {
            var comparison = rounds.Measure(workload, options.SizeOf(workload), contenders);
            progress.Clear();
            table.Add(comparison);
            comparisons.Add(comparison);
        }

        table.End(comparisons);
        return comparisons;
    }
}
