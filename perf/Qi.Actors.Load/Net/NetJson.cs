using System.Text.Json;

using Qi.Actors.Load.Reporting;

namespace Qi.Actors.Load.Net;

/// <summary>The comparisons of servers as JSON, with every round and what it was judged to say.</summary>
internal static class NetJson
{
    public static string Of(NetOptions options, IReadOnlyList<NetComparison> comparisons)
    {
        var report = new
        {
            Processors = Environment.ProcessorCount,
            Runtime = $".NET {Environment.Version}",
            System = System.Runtime.InteropServices.RuntimeInformation.OSDescription,
            options.Rounds,
            options.Ms,
            options.WarmUpMs,
            options.ServerCore,
            options.ClientCore,
            options.IsQuick,
            Saturation.Full,
            Saturation.Busy,
            Saturation.Others,
            Workloads = comparisons.Select(Of),
        };
        return JsonSerializer.Serialize(report, JsonReport.Options) + "\n";
    }

    private static object Of(NetComparison comparison) => new
    {
        comparison.Workload.Name,
        comparison.Workload.Description,
        Gauge = comparison.Workload.Gauge.ToString(),
        Servers = comparison.Series.Select(series => Of(comparison, series)),
        comparison.Failures,
    };

    private static object Of(NetComparison comparison, NetSeries series) => new
    {
        Name = series.Server,
        series.Median,
        series.Min,
        series.Max,
        series.Spread,
        series.IsFloor,
        IsDoubtful = NetComparison.IsDoubtful(series),
        series.ValidRounds,
        Ratios = NetComparison.Bars.ToDictionary(bar => bar, bar => comparison.RatioTo(bar, series), StringComparer.Ordinal),
        CpuRatios = NetComparison.Bars.ToDictionary(bar => bar, bar => comparison.CpuRatioTo(bar, series), StringComparer.Ordinal),
        series.P50Ns,
        series.P99Ns,
        series.P999Ns,
        series.ServerCpuNs,
        series.ServerUse,
        series.ClientUse,
        series.Disturbance,
        series.Lost,
        series.SlabBytesEach,
        series.ResidentBytesEach,
        series.OpenNsEach,
        series.ServerCpuShare,
        Rounds = series.Rounds.Select(round => new { Verdict = Saturation.Judge(comparison.Workload.Gauge, round).ToString(), Report = round }),
    };
}
