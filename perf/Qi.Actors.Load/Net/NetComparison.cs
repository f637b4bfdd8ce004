namespace Qi.Actors.Load.Net;

/// <summary>One workload with all servers that did it.</summary>
/// <param name="Workload">What was done to them.</param>
/// <param name="Series">The servers in the order of the rounds.</param>
/// <param name="Failures">Who did not do it, and why.</param>
internal sealed record NetComparison(NetWorkload Workload, IReadOnlyList<NetSeries> Series, IReadOnlyList<string> Failures)
{
    /// <summary>Whom the others are measured against.</summary>
    public static readonly IReadOnlyList<string> Bars = ["dotnet", "epoll"];

    /// <summary>The server that a bar stands for; null if it did not take part.</summary>
    public NetSeries? Bar(string name) => Series.FirstOrDefault(series => string.Equals(series.Server, name, StringComparison.Ordinal));

    /// <summary>How many times as good as a bar a server is; null without the two.</summary>
    public double? RatioTo(string bar, NetSeries series)
        => Workload.Gauge == NetGauge.Rate ? Quotient(series.Median, Bar(bar)?.Median) : Quotient(Bar(bar)?.Median, series.Median);

    /// <summary>How many times as thrifty with processor time as a bar a server is; null without the two.</summary>
    public double? CpuRatioTo(string bar, NetSeries series) => Quotient(Bar(bar)?.ServerCpuNs, series.ServerCpuNs);

    /// <summary>How a ratio is to be read if one or both of its sides are floors.</summary>
    public string SignOf(string bar, NetSeries series) => (series.IsFloor, Bar(bar) is { IsFloor: true }) switch
    {
        _ when ReferenceEquals(series, Bar(bar)) => "",
        (true, true) => "?",
        (true, false) => "≥",
        (false, true) => "≤",
        _ => "",
    };

    /// <summary>True if a server's figures must not be relied on.</summary>
    public static bool IsDoubtful(NetSeries series) => series.IsNoisy || series.IsDisturbed;

    private static double? Quotient(double? above, double? below) => below > 0 ? above / below : null;
}
