using Qi.Actors.Load.Measuring;
using Qi.Actors.Load.Net;
using Qi.Actors.Load.Net.Redis;
using Qi.Actors.Load.Reporting;

namespace Qi.Actors.Load.Bars;

/// <summary>The bars of input and output, held against what was measured.</summary>
internal static class IoBars
{
    private const string DotNet = "dotnet";
    private const string Epoll = "epoll";
    private const int IdleBytes = 2048;

    /// <summary>Servers of echo, and connections that do nothing.</summary>
    public static IEnumerable<Bar> Of(NetComparison comparison)
    {
        string name = comparison.Workload.Name;
        foreach (string failure in comparison.Failures)
            yield return Bar.Failed(name, failure);
        foreach (var qi in comparison.Series.Where(series => series.Server.StartsWith("qi", StringComparison.Ordinal)))
        {
            switch (name)
            {
                case "echo":
                    yield return ToBar(comparison, qi, DotNet, 1.4);
                    yield return ToBar(comparison, qi, Epoll, 0.9);
                    yield return CpuToEpoll(comparison, qi);
                    break;
                case "echo-1":
                    yield return ToBar(comparison, qi, DotNet, 1.0);
                    break;
                case "idle":
                    yield return Bar.AtMost($"idle, {qi.Server}: managed bytes of a connection, slabs included", IdleBytes, Band.Of(qi.Values), Figures.Short);
                    break;
            }
        }
    }

    /// <summary>Reads of a file in memory.</summary>
    public static IEnumerable<Bar> Of(Comparison comparison)
    {
        string name = comparison.Workload.Name;
        foreach (string failure in comparison.Failures)
            yield return Bar.Failed(name, failure);
        var stock = comparison.Series.FirstOrDefault(series => series.Contender.Name == "RandomAccess");
        double wanted = name.EndsWith("-1", StringComparison.Ordinal) ? 1.15 : 1.0;
        if (comparison.Qi is { } qi && stock is not null)
            yield return Bar.AtLeast($"{name}: Qi to RandomAccess.ReadAsync", wanted, Ratio(stock.Values, qi.Values), Figures.Ratio);
    }

    /// <summary>The sample beside redis-server, with two cores for all.</summary>
    public static IEnumerable<Bar> Of(RedisComparison comparison)
    {
        var redis = comparison.Servers.First(server => server.Name == "redis");
        var qi = comparison.Servers.First(server => server.Name == "qi");
        yield return Bar.AtLeast(
            $"redis {comparison.Test.ToUpperInvariant()}, -P {comparison.Pipeline}, two cores: the sample to redis-server", 1.0, Ratio(Rates(qi), Rates(redis)), Figures.Ratio);
    }

    /// <summary>What the collector sees of an operation.</summary>
    public static Bar OfAllocation(string what, double bytes)
        => Bar.AtMost($"bytes allocated: {what}", 0, new Band(Math.Round(bytes, 2), bytes, Math.Round(bytes, 2)), Figures.Ratio);

    private static double[] Rates(RedisSeries series) => [.. series.Rounds.Select(round => round.PerSecond)];

    private static Bar ToBar(NetComparison comparison, NetSeries qi, string name, double wanted)
    {
        string what = $"{comparison.Workload.Name}: {qi.Server} to {name}";
        if (comparison.Bar(name) is not { } bar)
            return Bar.Failed(what, $"{name} did not take part");
        var ratio = comparison.Workload.Gauge == NetGauge.Rate ? Ratio(qi.Values, bar.Values) : Ratio(bar.Values, qi.Values);
        var known = comparison.SignOf(name, qi) switch
        {
            "≥" => ratio?.OrMore(),
            "≤" => ratio?.OrLess(),
            "?" => ratio?.OrMore().OrLess(),
            _ => ratio,
        };
        return Bar.AtLeast(what, wanted, known, Figures.Ratio, qi.IsDisturbed || bar.IsDisturbed);
    }

    // Processor time is right also in rounds in which the client was the narrow part.
    private static Bar CpuToEpoll(NetComparison comparison, NetSeries qi)
    {
        string what = $"{comparison.Workload.Name}: processor time a round trip, {qi.Server} to {Epoll}";
        return comparison.Bar(Epoll) is { } bar
            ? Bar.AtMost(what, 1.25, Ratio(qi.CpuValues, bar.CpuValues), Figures.Ratio)
            : Bar.Failed(what, $"{Epoll} did not take part");
    }

    private static Band? Ratio(IReadOnlyCollection<double> above, IReadOnlyCollection<double> below)
        => Band.Of(above) is { } over && Band.Of(below) is { } under ? over.Over(under) : null;
}
