using Qi.Actors.Load.Reporting;

namespace Qi.Actors.Load.Net;

/// <summary>The comparisons of servers as text: a table for each workload when it is done, and what is to be thought of it.</summary>
internal sealed class NetTable(TextWriter writer)
{
    private static readonly Column[] s_first =
    [
        new("min", (_, series) => Short(series.Min)),
        new("max", (_, series) => Short(series.Max)),
        new("spread", (_, series) => Figures.Percent(series.Spread) + (NetComparison.IsDoubtful(series) ? "~" : " ")),
        .. NetComparison.Bars.Select(bar => new Column($"to {bar}", (comparison, series) => Ratio(comparison.RatioTo(bar, series), comparison.SignOf(bar, series)))),
    ];

    private static readonly Column[] s_memory =
    [
        new("of it slabs", (_, series) => Short(series.SlabBytesEach)),
        new("resident", (_, series) => Short(series.ResidentBytesEach)),
        new("open µs", (_, series) => Micros(series.OpenNsEach)),
        new("CPU while idle", (_, series) => Percent(series.ServerCpuShare)),
        new("rounds", (_, series) => $"{series.ValidRounds}/{series.Rounds.Count}"),
    ];

    private static readonly Column[] s_times =
    [
        new("p50 µs", (_, series) => Micros(series.P50Ns)),
        new("p99 µs", (_, series) => Micros(series.P99Ns)),
        new("p99.9 µs", (_, series) => Micros(series.P999Ns)),
        new("CPU ns", (_, series) => Short(series.ServerCpuNs)),
        .. NetComparison.Bars.Select(bar => new Column($"CPU to {bar}", (comparison, series) => Ratio(comparison.CpuRatioTo(bar, series), ""))),
        new("server use", (_, series) => Percent(series.ServerUse)),
        new("client use", (_, series) => Percent(series.ClientUse)),
        new("others", (_, series) => Percent(series.Disturbance)),
        new("rounds", (_, series) => $"{series.ValidRounds}/{series.Rounds.Count}"),
    ];

    public void Begin(NetOptions options)
    {
        writer.WriteLine(
            $"{Environment.ProcessorCount} processors, .NET {Environment.Version}; servers on core {options.ServerCore}, the client on core {options.ClientCore}; "
            + $"{options.Rounds} interleaved rounds of {options.Ms} ms after a warm-up of {options.WarmUpMs} ms.");
        if (options.IsQuick)
            writer.WriteLine("A quick look: too short to be a measurement.");
        writer.WriteLine("to …: how many times as good as that one, more is better. CPU: the server's processor time a round trip. use: the part of what its core");
        writer.WriteLine("could give, at most. others: the part of the time that somebody else had one of the two cores.");
    }

    /// <summary>A workload that is done.</summary>
    public void Add(NetComparison comparison)
    {
        writer.WriteLine();
        writer.WriteLine($"{comparison.Workload.Name}: {comparison.Workload.Description}");
        if (comparison.Series.Count > 0)
            WriteTable(comparison);
        foreach (string failure in comparison.Failures)
            writer.WriteLine($"  FAIL: {failure}");
        foreach (string sentence in Sentences(comparison))
            writer.WriteLine($"  {sentence}");
        writer.Flush();
    }

    private static IEnumerable<string> Sentences(NetComparison comparison)
    {
        foreach (var series in comparison.Series)
        {
            int thrownOut = series.Rounds.Count - series.ValidRounds;
            if (thrownOut > 0)
                yield return $"{series.Server}: {thrownOut} of {series.Rounds.Count} rounds are thrown out: neither the server nor the client used {Figures.Percent(Saturation.Busy)} of its core.";
            if (series.ValidRounds > 0 && series.IsFloor)
                yield return $"≥ {series.Server}: the client did not outrun it (it used less than {Figures.Percent(Saturation.Full)} of its core): it can do at least so much.";
            if (series.Lost > 0)
                yield return $"{series.Server}: {Figures.Count(series.Lost)} datagrams were lost or late, and sent again.";
        }

        string[] doubtful = [.. comparison.Series.Where(NetComparison.IsDoubtful).Select(series => series.Server)];
        if (doubtful.Length > 0)
        {
            yield return $"~ The machine was too noisy to tell: {string.Join(", ", doubtful)}. The rounds are spread by more than "
                + $"{Figures.Percent(Measuring.Comparison.NoisySpread)}, or others had one of the cores for more than {Figures.Percent(Saturation.Others)} of the time.";
        }
    }

    private void WriteTable(NetComparison comparison)
    {
        Column median = comparison.Workload.Gauge switch
        {
            NetGauge.Rate => new(comparison.Workload.Unit + "/s", static (_, series) => Short(series.Median) is { } median ? (series.IsFloor ? "≥ " : "") + median : null),
            NetGauge.Latency => new("p50 ns", static (_, series) => Short(series.Median)),
            _ => new("managed B each", static (_, series) => Short(series.Median)),
        };
        Column[] columns = [median, .. s_first, .. comparison.Workload.Gauge == NetGauge.Memory ? s_memory : s_times];
        string[][] cells = [.. columns.Select(column => comparison.Series.Select(series => column.Text(comparison, series) ?? "–").ToArray())];
        int first = Math.Max("server".Length, comparison.Series.Max(series => series.Server.Length));
        int[] widths = [.. columns.Select((column, i) => Math.Max(column.Title.Length, cells[i].Max(cell => cell.Length)))];
        writer.WriteLine($"  {"server".PadRight(first)}  {string.Join("  ", columns.Select((column, i) => column.Title.PadLeft(widths[i])))}");
        for (int row = 0; row < comparison.Series.Count; row++)
            writer.WriteLine($"  {comparison.Series[row].Server.PadRight(first)}  {string.Join("  ", columns.Select((_, i) => cells[i][row].PadLeft(widths[i])))}");
    }

    private static string? Ratio(double? ratio, string sign) => ratio is { } number ? sign + Figures.Ratio(number) : null;

    private static string? Short(double? value) => value is { } number ? Figures.Short(number) : null;

    private static string? Micros(double? ns) => Short(ns / 1e3);

    private static string? Percent(double? share) => share is { } number ? Figures.Percent(number) : null;

    private sealed record Column(string Title, Func<NetComparison, NetSeries, string?> Text);
}
