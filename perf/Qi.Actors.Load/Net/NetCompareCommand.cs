using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Reporting;

namespace Qi.Actors.Load.Net;

/// <summary>Echo servers side by side: Qi, the stock sockets and C, each in a process of its own on one core, round by round.</summary>
internal static class NetCompareCommand
{
    public static int Run(Arguments arguments)
    {
        var options = NetOptions.From(arguments);
        Console.CancelKeyPress += static (_, _) => ContenderProcess.KillAll();
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => ContenderProcess.KillAll();

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

        if (options.JsonPath is { } json)
            File.WriteAllText(json, NetJson.Of(options, comparisons));
        return comparisons.TrueForAll(comparison => comparison.Failures.Count == 0) ? ExitCodes.Passed : ExitCodes.Failed;
    }
}
