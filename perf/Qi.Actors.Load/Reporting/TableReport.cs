using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Measuring;
using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Reporting;

/// <summary>The comparisons as text: a table for each workload when it is done, and all ratios at the end.</summary>
internal sealed class TableReport(TextWriter writer)
{
    private static readonly Column[] s_columns =
    [
        new("min", (_, series) => Figures.Short(series.Min)),
        new("max", (_, series) => Figures.Short(series.Max)),
        new("spread", (_, series) => Figures.Percent(series.Spread) + (Comparison.IsNoisy(series) ? "~" : " ")),
        new("ratio", (comparison, series) => comparison.RatioOf(series) is { } ratio ? Figures.Ratio(ratio) : null),
        new("p99", (_, series) => Short(series.P99Ns)),
        new("p99.9", (_, series) => Short(series.P999Ns)),
        new("CPU", (_, series) => Figures.Short(series.CpuNs)),
        new("CPU use", (_, series) => Figures.Percent(series.CpuUse)),
        new("bytes alloc.", (_, series) => Short(series.AllocatedBytes)),
        new("bytes each", (_, series) => Short(series.BytesPerUnit)),
        new("steals hit", (_, series) => series.StealSuccess is { } share ? Figures.Percent(share) : null),
    ];

    public void Begin(CompareOptions options, IReadOnlyList<Contender> contenders)
    {
        writer.WriteLine(
            $"{Environment.ProcessorCount} processors, .NET {Environment.Version}; {options.Rounds} interleaved rounds after a warm-up; size × {options.Size}.");
        foreach (var peer in contenders.Where(contender => !contender.IsDotNet))
            writer.WriteLine($"{peer.Name} {peer.Version}.");
        if (options.IsQuick)
            writer.WriteLine("A quick look: too short to be a measurement.");
        writer.WriteLine("Times are ns an operation. ratio: the best peer's time by this one's, more is better. CPU: ns an operation over all processors.");
        if (options.Peers.Length > 0 && contenders.All(contender => contender.IsQi))
            writer.WriteLine("Nobody but Qi takes part: there are no ratios.");
    }

    /// <summary>A workload that is done.</summary>
    public void Add(Comparison comparison)
    {
        var workload = comparison.Workload;
        writer.WriteLine();
        string gen0 = workload.Gen0Bytes > 0 ? $"; .NET contenders with DOTNET_GCgen0size=0x{workload.Gen0Bytes:X}" : "";
        writer.WriteLine($"{workload.Name}: {Figures.Count(comparison.Size)} {Figures.Plural(workload.Operation)} a round{gen0}");
        if (comparison.Series.Count > 0)
            WriteTable(comparison);
        foreach (string failure in comparison.Failures)
            writer.WriteLine($"  FAIL: {failure}");
        string?[] sentences = [Sentence(comparison), Aside(comparison, "In bytes", series => series.BytesPerUnit), Aside(comparison, "At 99 %", series => series.P99Ns)];
        foreach (string sentence in sentences.OfType<string>())
            writer.WriteLine($"  {sentence}");
        writer.Flush();
    }

    /// <summary>All ratios, and what is to be thought of them.</summary>
    public void End(IReadOnlyList<Comparison> comparisons)
    {
        writer.WriteLine();
        writer.WriteLine($"{"workload",-28} {"Qi",9}  {"ratio",6} to the best other runtime      {"ratio",6} to the best stock part");
        foreach (var comparison in comparisons)
        {
            if (comparison is not { Qi: { } qi, BestPeer: not null })
                continue;
            writer.WriteLine(
                $"{comparison.Workload.Name,-28} {Figures.Short(qi.Median),9}{(comparison.IsDoubtful ? '~' : ' ')} "
                + $"{Against(comparison, comparison.BestRuntime),-35} {Against(comparison, comparison.BestStock),-28} {qi.Contender.Name}");
        }

        string[] doubtful = [.. comparisons.Where(comparison => comparison.IsDoubtful).Select(comparison => comparison.Workload.Name)];
        if (doubtful.Length > 0)
        {
            writer.WriteLine(
                $"~ The machine was too noisy to tell: {string.Join(", ", doubtful)}. The middle half of the rounds is spread by more than "
                + $"{Figures.Percent(Comparison.NoisySpread)} of the median, or the two overlap. Run these again on a quiet machine, with more --rounds.");
        }

        int failures = comparisons.Sum(comparison => comparison.Failures.Count);
        if (failures > 0)
            writer.WriteLine($"FAIL: {failures} failures, told above.");
    }

    private static string Against(Comparison comparison, Series? other)
        => comparison.RatioTo(other) is { } ratio ? $"{Figures.Ratio(ratio),6} {other!.Contender.Name} {Figures.Short(other.Median)}" : $"{"–",6}";

    private static string? Sentence(Comparison comparison)
    {
        if (comparison is not { Qi: { } qi, BestPeer: { } best, Ratio: { } ratio })
            return null;
        string doubt = comparison.CanFlip ? " ~ Their rounds overlap: who is faster cannot be said." : "";
        return $"{qi.Contender.Name} is {Figures.Ratio(ratio)} × the best peer, {best.Contender.Name}.{doubt}";
    }

    // What matters beside the time, with the best of each side.
    private static string? Aside(Comparison comparison, string what, Func<Series, double?> figure)
        => comparison.Least(isQi: true, figure) is { } qi && comparison.Least(isQi: false, figure) is { } best
            ? $"{what}: {qi.Contender.Name} {Short(figure(qi))}, the best peer, {best.Contender.Name}, {Short(figure(best))}."
            : null;

    private static string? Short(double? value) => value is { } number ? Figures.Short(number) : null;

    private void WriteTable(Comparison comparison)
    {
        string median = comparison.Workload.Gauge == Gauge.Latency ? "p50" : $"ns/{comparison.Workload.Operation}";
        Column[] columns =
        [
            new(median, (_, series) => Figures.Short(series.Median)),
            .. s_columns.Where(column => comparison.Series.Any(series => column.Text(comparison, series) is not null)),
        ];
        string[] names = [.. comparison.Series.Select(series => series.Contender.Name + (series.IsComparable ? "" : " *"))];
        string[][] cells = [.. columns.Select(column => Cells(column, comparison))];
        int first = Math.Max("contender".Length, names.Max(name => name.Length));
        WriteRow("contender".PadRight(first), columns.Select((column, i) => column.Title.PadLeft(Width(column, cells[i]))));
        for (int row = 0; row < names.Length; row++)
            WriteRow(names[row].PadRight(first), columns.Select((column, i) => cells[i][row].PadLeft(Width(column, cells[i]))));
        if (comparison.Series.Any(series => !series.IsComparable))
            writer.WriteLine("  * promises less than the others: never the best peer");
    }

    private static string[] Cells(Column column, Comparison comparison)
        => [.. comparison.Series.Select(series => column.Text(comparison, series) ?? "–")];

    private static int Width(Column column, string[] cells) => Math.Max(column.Title.Length, cells.Max(cell => cell.Length));

    private void WriteRow(string name, IEnumerable<string> cells) => writer.WriteLine($"  {name}  {string.Join("  ", cells)}");

    private sealed record Column(string Title, Func<Comparison, Series, string?> Text);
}
