using System.Text.Json;

using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Net;
using Qi.Actors.Load.Net.Redis;
using Qi.Actors.Load.Reporting;

namespace Qi.Actors.Load.Bars;

/// <summary>Measures what has a bar, by the commands that measure it, and says which bars are met.</summary>
internal static class IoBarsCommand
{
    private static readonly string[] s_shared = ["rounds", "quick"];
    private static readonly string[] s_cores = ["server-core", "client-core"];

    // Each looks at its options before anything is measured: what is wrong is not to be found after minutes.
    private static readonly Dictionary<string, Func<Arguments, Func<IEnumerable<Bar>>>> s_parts = new(StringComparer.Ordinal)
    {
        ["net"] = Net,
        ["files"] = Files,
        ["redis"] = Redis,
        ["allocations"] = static _ => static () => SteadyState.Measure().Select(result => IoBars.OfAllocation(result.What, result.Bytes)),
    };

    /// <summary>What can be measured by itself.</summary>
    public static IEnumerable<string> Parts => s_parts.Keys;

    public static int Run(Arguments arguments)
    {
        arguments.Allow([.. s_shared, .. s_cores, "parts", "servers", "peers-folder", "idle-connections", "json"]);
        string? json = CompareOptions.Writable(arguments, "json");
        string[] words = arguments.Words("parts");
        foreach (string word in words.Except(Parts, StringComparer.Ordinal))
            throw new UsageException($"There is no part '{word}'. There are: {string.Join(", ", Parts)}.");

        Func<IEnumerable<Bar>>[] parts = [.. s_parts.Where(part => words.Length == 0 || words.Contains(part.Key, StringComparer.Ordinal)).Select(part => part.Value(arguments))];
        ContenderProcess.EndWithThisProcess();
        var bars = new List<Bar>();
        foreach (var measure in parts)
        {
            bars.AddRange(measure());
            Console.WriteLine();
        }

        Tell(bars, Console.Out);
        if (json is not null)
            File.WriteAllText(json, JsonSerializer.Serialize(bars.Select(bar => new { bar.What, bar.Wanted, bar.Measured, Verdict = bar.Verdict.ToString() }), JsonReport.Options) + "\n");
        return bars.TrueForAll(bar => bar.Verdict == BarVerdict.Met) ? ExitCodes.Passed : ExitCodes.Failed;
    }

    /// <summary>The table, as Markdown has it.</summary>
    internal static void Tell(IReadOnlyList<Bar> bars, TextWriter writer)
    {
        string[][] rows = [["what", "bar", "measured", "verdict"], .. bars.Select(bar => (string[])[bar.What, bar.Wanted, bar.Measured, bar.Verdict.ToString()])];
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        for (int i = 0; i < rows.Length; i++)
        {
            writer.WriteLine($"| {string.Join(" | ", rows[i].Select((cell, column) => cell.PadRight(widths[column])))} |");
            if (i == 0)
                writer.WriteLine($"|{string.Join("|", widths.Select(width => new string('-', width + 2)))}|");
        }

        if (bars.Any(bar => bar.Verdict == BarVerdict.Unsure))
            writer.WriteLine("Unsure: the middle half of the rounds lies on both sides of the bar, a side was not outrun, or (~) others had a core. Run it again on a quiet machine, with more --rounds.");
    }

    private static Func<IEnumerable<Bar>> Net(Arguments arguments)
    {
        string[] servers = arguments.Text("servers") is null ? ["--servers", "dotnet,qi,epoll"] : [];
        var options = NetOptions.From(arguments.As("net-compare", ["--workloads", "echo,echo-1,idle", .. servers], [.. s_shared, .. s_cores, "servers", "peers-folder", "idle-connections"]));
        return () => NetCompareCommand.Measure(options).SelectMany(IoBars.Of);
    }

    private static Func<IEnumerable<Bar>> Files(Arguments arguments)
    {
        var options = CompareOptions.From(arguments.As("compare", ["--workloads", "file-read-*", "--peers", "randomaccess"], s_shared));
        return () => CompareCommand.Measure(options).SelectMany(IoBars.Of);
    }

    private static Func<IEnumerable<Bar>> Redis(Arguments arguments)
    {
        RedisCompareCommand.RequireTools();
        var own = arguments.As("redis-compare", ["--layouts", "shared"], [.. s_shared, .. s_cores]);
        return () => MeasureRedis(own);
    }

    private static IEnumerable<Bar> MeasureRedis(Arguments arguments)
    {
        try
        {
            return RedisCompareCommand.Measure(arguments).SelectMany(IoBars.Of);
        }
        catch (ContenderException e)
        {
            return [Bar.Failed("redis", e.Message)];
        }
    }
}
