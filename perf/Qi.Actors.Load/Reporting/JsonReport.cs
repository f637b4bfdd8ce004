using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

using Qi.Actors.Load.Measuring;

namespace Qi.Actors.Load.Reporting;

/// <summary>The comparisons as JSON, with every round.</summary>
internal static class JsonReport
{
    /// <summary>How reports are written: for programs, and for people who look.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of(CompareOptions options, IReadOnlyList<Comparison> comparisons)
    {
        var report = new
        {
            Processors = Environment.ProcessorCount,
            Runtime = $".NET {Environment.Version}",
            System = System.Runtime.InteropServices.RuntimeInformation.OSDescription,
            options.Rounds,
            options.Size,
            options.IsQuick,
            NoisySpread = Comparison.NoisySpread,
            Workloads = comparisons.Select(Of),
        };
        return JsonSerializer.Serialize(report, Options) + "\n";
    }

    private static object Of(Comparison comparison) => new
    {
        comparison.Workload.Name,
        comparison.Workload.Operation,
        Gauge = comparison.Workload.Gauge.ToString(),
        comparison.Size,
        Qi = comparison.Qi?.Contender.Name,
        BestPeer = comparison.BestPeer?.Contender.Name,
        comparison.Ratio,
        comparison.IsDoubtful,
        Contenders = comparison.Series.Select(series => Of(comparison, series)),
        comparison.Failures,
    };

    private static object Of(Comparison comparison, Series series) => new
    {
        series.Contender.Name,
        series.Contender.Version,
        series.Contender.IsQi,
        series.IsComparable,
        MedianNs = series.Median,
        MinNs = series.Min,
        MaxNs = series.Max,
        series.Spread,
        IsNoisy = Comparison.IsNoisy(series),
        Ratio = comparison.RatioOf(series),
        series.CpuNs,
        series.CpuUse,
        series.AllocatedBytes,
        series.BytesPerUnit,
        series.P99Ns,
        series.P999Ns,
        series.StealSuccess,
        series.Rounds,
    };
}
