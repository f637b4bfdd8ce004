using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Reporting;

namespace Qi.Actors.Load.Net;

/// <summary>Echo servers side by side: Qi, the stock sockets and C, each in a process of its own on one core, round by round.</summary>
internal static class NetCompareCommand
{
    public static int Run(Arguments arguments)
    {
        var options = NetOptions.From(arguments);
        ContenderProcess.EndWithThisProcess();
        var comparisons = Measure(options);
        if (options.JsonPath is { } json)
            File.WriteAllText(json, NetJson.Of(options, comparisons));
        return comparisons.All(comparison => comparison.Failures.Count == 0) ? ExitCodes.Passed : ExitCodes.Failed;
    }

    /// <summary>Measures, and prints each workload's table when it is done.</summary>
    public static IReadOnlyList<NetComparison> Measure(NetOptions options)
    {
        var lineup = NetLineup.Choose(options, Console.WriteLine);
        var progress = new Progress(Console.Error);
        var rounds = new NetRounds(options, lineup, progress.Show);
        var table = new NetTable(Console.Out);
        table.Begin(options);
        var comparisons = new List<NetComparison>();
        foreach (var workload in options.Workloads)
        {
            var comparison = rounds.Measure(workload);
            progress.Clear();
            table.Add(comparison);
            comparisons.Add(comparison);
        }

        return comparisons;
    }
}
