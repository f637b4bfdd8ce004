using System.Text.Json;

using Qi.Actors.Load.Net;

namespace Qi.Actors.Load.Tests.Net;

internal sealed class NetComparisonTests
{
    [Test]
    public void Median_UnsaturatedRounds_AreThrownOut()
    {
        var series = new NetSeries("qi", NetSpecimen.Rate, [NetSpecimen.Report(1, 0.5, 100), NetSpecimen.Report(0.2, 0.2, 9000), NetSpecimen.Report(1, 0.5, 300)]);

        Assert.That((series.Median, series.Min, series.Max), Is.EqualTo((200.0, 100.0, 300.0)));
        Assert.That((series.ValidRounds, series.Rounds.Count, series.IsFloor), Is.EqualTo((2, 3, false)));
    }

    [Test]
    public void Median_NoRoundLeft_IsNone()
    {
        var series = new NetSeries("qi", NetSpecimen.Rate, [NetSpecimen.Report(0.2, 0.2)]);
        var comparison = new NetComparison(NetSpecimen.Rate, [series, NetSpecimen.Series("dotnet", NetSpecimen.Rate, 100)], []);

        Assert.That((series.Median, series.Min, series.ServerCpuNs), Is.EqualTo(((double?)null, (double?)null, (double?)null)));
        Assert.That((comparison.RatioTo("dotnet", series), series.IsFloor), Is.EqualTo(((double?)null, false)));
        Assert.That(Table(comparison), Does.Contain("qi: 1 of 1 rounds are thrown out").And.Contain("0/1"));
    }

    [Test]
    public void RatioTo_Rates_MoreIsBetter()
    {
        var comparison = Compare(NetSpecimen.Rate);

        Assert.That(comparison.RatioTo("dotnet", comparison.Series[0]), Is.EqualTo(2));
        Assert.That(comparison.RatioTo("epoll", comparison.Series[0]), Is.EqualTo(0.5));
        Assert.That(comparison.CpuRatioTo("dotnet", comparison.Series[0]), Is.EqualTo(2), "half the processor time a round trip");
        Assert.That(comparison.RatioTo("nobody", comparison.Series[0]), Is.Null);
    }

    [Test]
    public void RatioTo_Latencies_LessIsBetter()
    {
        var comparison = Compare(NetSpecimen.Latency);

        Assert.That(comparison.Series[0].Median, Is.EqualTo(5e6));
        Assert.That(comparison.RatioTo("dotnet", comparison.Series[0]), Is.EqualTo(2));
        Assert.That(comparison.RatioTo("epoll", comparison.Series[0]), Is.EqualTo(0.5));
    }

    [Test]
    public void RatioTo_Memory_LessIsBetterAndNativeServersHaveNone()
    {
        var comparison = new NetComparison(NetSpecimen.Memory, [Holder("qi", 1000, 1100), Holder("dotnet", 2000, 2200), Holder("epoll", null, null)], []);

        Assert.That((comparison.Series[0].Median, comparison.Series[0].IsNoisy), Is.EqualTo(((double?)1050, false)));
        Assert.That(comparison.RatioTo("dotnet", comparison.Series[0]), Is.EqualTo(2));
        Assert.That((comparison.Series[2].Median, comparison.Series[2].Min, comparison.Series[2].ValidRounds), Is.EqualTo(((double?)null, (double?)null, 2)));
        Assert.That(comparison.RatioTo("epoll", comparison.Series[0]), Is.Null);
        Assert.That(Table(comparison), Does.Contain("idle: 10000 connections that do nothing").And.Contain("managed B each").And.Contain("of it slabs").And.Contain("CPU while idle"));
    }

    private static NetSeries Holder(string server, double? first, double? second) => new(
        server,
        NetSpecimen.Memory,
        [NetSpecimen.Report(0.2, 0.2) with { ManagedBytesEach = first, Connections = 10 }, NetSpecimen.Report(0.2, 0.2) with { ManagedBytesEach = second, Connections = 10 }]);

    [TestCase(1.0, 1.0, "")]
    [TestCase(0.5, 1.0, "≥")]
    [TestCase(1.0, 0.5, "≤")]
    [TestCase(0.5, 0.5, "?")]
    public void SignOf_Floors_SaysHowARatioIsToBeRead(double serverUse, double barUse, string sign)
    {
        var server = new NetSeries("qi", NetSpecimen.Rate, [NetSpecimen.Report(serverUse, 1)]);
        var bar = new NetSeries("dotnet", NetSpecimen.Rate, [NetSpecimen.Report(barUse, 1)]);
        var comparison = new NetComparison(NetSpecimen.Rate, [server, bar], []);

        Assert.That(comparison.SignOf("dotnet", server), Is.EqualTo(sign));
        Assert.That(comparison.SignOf("dotnet", bar), Is.Empty, "a bar is as good as itself");
    }

    [Test]
    public void IsFloor_HalfOfTheRounds_IsEnough()
    {
        var series = new NetSeries("qi", NetSpecimen.Rate, [NetSpecimen.Report(1, 0.5), NetSpecimen.Report(0.5, 1)]);

        Assert.That(series.IsFloor, Is.True);
    }

    [Test]
    public void IsDoubtful_NoiseOrOthersInHalfOfTheRounds_IsTrue()
    {
        var good = NetSpecimen.Report(1, 0.5);
        var disturbed = good with { ServerCpuNs = 900_000_000, ServerCoreIdleNs = 0 };

        Assert.That(NetComparison.IsDoubtful(new NetSeries("qi", NetSpecimen.Rate, [good, disturbed])), Is.True);
        Assert.That(NetComparison.IsDoubtful(new NetSeries("qi", NetSpecimen.Rate, [good, disturbed, good])), Is.False);
        Assert.That(NetComparison.IsDoubtful(NetSpecimen.Series("qi", NetSpecimen.Rate, 10, 10)), Is.False);
        Assert.That(NetComparison.IsDoubtful(NetSpecimen.Series("qi", NetSpecimen.Rate, 10, 15, 20)), Is.True);
    }

    [Test]
    public void Table_OfAWorkload_HasBarsAndFailures()
    {
        string text = Table(Compare(NetSpecimen.Rate) with { Failures = ["qi, echo: it ended with exit code 3."] });

        Assert.That(text, Does.Contain("echo: 64 connections × 64 B, window 1").And.Contain("to dotnet").And.Contain("CPU to epoll"));
        Assert.That(text, Does.Contain("FAIL: qi, echo: it ended with exit code 3."));
    }

    [Test]
    public void Json_OfAWorkload_KeepsEveryRoundWithItsVerdict()
    {
        var options = NetOptions.From(Arguments.Parse(["net-compare", "--quick"]));
        var series = new NetSeries("dotnet", NetSpecimen.Rate, [NetSpecimen.Report(1, 0.5, 100), NetSpecimen.Report(0.2, 0.2)]);

        using var json = JsonDocument.Parse(NetJson.Of(options, [new NetComparison(NetSpecimen.Rate, [series], [])]));

        var server = json.RootElement.GetProperty("workloads")[0].GetProperty("servers")[0];
        Assert.That(server.GetProperty("rounds").EnumerateArray().Select(round => round.GetProperty("verdict").GetString()), Is.EqualTo(new[] { "Measured", "Unsaturated" }));
        Assert.That(server.GetProperty("ratios").GetProperty("dotnet").GetDouble(), Is.EqualTo(1));
        Assert.That(server.GetProperty("median").GetDouble(), Is.EqualTo(100));
    }

    // Two hundred round trips a second, half as many, and twice as many.
    private static NetComparison Compare(NetWorkload workload) => new(
        workload,
        [NetSpecimen.Series("qi", workload, 200, 200), NetSpecimen.Series("dotnet", workload, 100, 100), NetSpecimen.Series("epoll", workload, 400, 400)],
        []);

    private static string Table(NetComparison comparison)
    {
        var writer = new StringWriter();
        new NetTable(writer).Add(comparison);
        return writer.ToString();
    }
}
