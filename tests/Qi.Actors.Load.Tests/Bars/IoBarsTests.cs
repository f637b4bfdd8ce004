using System.Text.Json;

using Qi.Actors.Load.Bars;
using Qi.Actors.Load.Measuring;
using Qi.Actors.Load.Net;
using Qi.Actors.Load.Net.Redis;
using Qi.Actors.Load.Tests.Net;
using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Tests.Bars;

internal sealed class IoBarsTests
{
    // With one core used up, the processor time of a round trip is the reverse of the rate.
    [TestCase(1500, 1000, 1600, "MetMetMet")]
    [TestCase(1300, 1000, 1400, "MissedMetMet")]
    [TestCase(1500, 1000, 1700, "MetMissedMet")]
    [TestCase(1500, 1000, 2000, "MetMissedMissed")]
    public void Of_Echo_HasABarForEachPeerAndForTheProcessor(long qi, long dotnet, long epoll, string verdicts)
        => Assert.That(Verdicts(IoBars.Of(Compare(NetSpecimen.Rate, qi, dotnet, epoll))), Is.EqualTo(verdicts));

    [TestCase(1000, 1000, "Met")]
    [TestCase(900, 1000, "Missed")]
    public void Of_OneConnection_ComparesLatencies(long qi, long dotnet, string verdicts)
        => Assert.That(Verdicts(IoBars.Of(Compare(NetSpecimen.Latency, qi, dotnet, 1))), Is.EqualTo(verdicts));

    [TestCase(2048, "Met")]
    [TestCase(2049, "Missed")]
    public void Of_Idle_CountsBytes(double bytes, string verdicts)
    {
        var report = NetSpecimen.Report(0, 0) with { ManagedBytesEach = bytes };
        var comparison = new NetComparison(NetSpecimen.Memory, [new NetSeries("qi", NetSpecimen.Memory, [report, report])], []);

        Assert.That(Verdicts(IoBars.Of(comparison)), Is.EqualTo(verdicts));
    }

    [Test]
    public void Of_ServersThatFailedOrAreNotThere_AreMissed()
    {
        var comparison = new NetComparison(NetSpecimen.Rate, [NetSpecimen.Series("qi", NetSpecimen.Rate, 100)], ["dotnet, echo: it died."]);
        var bars = IoBars.Of(comparison).ToArray();

        Assert.That(bars.Select(bar => bar.Verdict), Is.All.EqualTo(BarVerdict.Missed));
        Assert.That(bars.Select(bar => bar.Measured), Is.EqualTo(new[] { "dotnet, echo: it died.", "dotnet did not take part", "epoll did not take part", "epoll did not take part" }));
    }

    [TestCase("file-read-1", 100, 116, "Met")]
    [TestCase("file-read-1", 100, 114, "Missed")]
    [TestCase("file-read-32", 100, 100, "Met")]
    [TestCase("file-read-32", 100, 99, "Missed")]
    public void Of_FileReads_ComparesWithTheStockPart(string name, long qiNs, long stockNs, string verdicts)
    {
        var workload = Catalogue.All.Single(workload => workload.Name == name);
        var comparison = Specimen.Compare(Specimen.Series("Qi", qiNs, qiNs), Specimen.Series("RandomAccess", stockNs, stockNs)) with { Workload = workload };

        Assert.That(Verdicts(IoBars.Of(comparison)), Is.EqualTo(verdicts));
    }

    [TestCase(100, 100, "Met")]
    [TestCase(99, 100, "Missed")]
    public void Of_Redis_ComparesWithTheServer(double qi, double redis, string verdicts)
    {
        var comparison = new RedisComparison("shared", "get", 16, [new("redis", [new(redis, 1, 1)]), new("qi", [new(qi, 1, 1)]), new("qi, 1 worker", [new(1, 1, 1)])]);

        Assert.That(Verdicts(IoBars.Of(comparison)), Is.EqualTo(verdicts));
    }

    [TestCase(0.004, nameof(BarVerdict.Met))]
    [TestCase(0.006, nameof(BarVerdict.Missed))]
    public void OfAllocation_BeyondTwoPlaces_IsNothing(double bytes, string verdict)
        => Assert.That(IoBars.OfAllocation("x", bytes).Verdict.ToString(), Is.EqualTo(verdict));

    [Test]
    public void Table_OfBars_HasARowForEach()
    {
        var writer = new StringWriter();
        IoBarsCommand.Tell([new Bar("echo", "≥ 1.40", "1.52", BarVerdict.Met), new Bar("copy", "≥ 1.00", "1.00 ~", BarVerdict.Unsure)], writer);

        Assert.That(writer.ToString(), Does.StartWith("| what | bar    | measured | verdict |").And.Contain("| echo | ≥ 1.40 | 1.52     | Met     |").And.Contain("Unsure: "));
    }

    [TestCase("There is no part 'disks'. There are: net, files", "--parts", "disks")]
    [TestCase("--quick", "--rounds", "2", "--parts", "files")]
    [TestCase("both 1", "--server-core", "1", "--parts", "net")]
    [TestCase("--idle-connections is '0'", "--idle-connections", "0", "--parts", "net")]
    [TestCase("It has: --rounds", "--workloads", "echo")]
    public void Arguments_Wrong_AreExplained(string remedy, params string[] args)
        => Assert.That(() => IoBarsCommand.Run(Arguments.Parse(["io-bars", .. args])), Throws.TypeOf<UsageException>().With.Message.Contains(remedy));

#if !DEBUG
    // Whether bars are met is the machine's affair.
    [Test]
    public async Task Run_Small_MeasuresAndPrintsTheTable()
    {
        string json = Path.GetTempFileName();
        try
        {
            var result = await LoadProgram.RunAsync("io-bars", "--quick", "--rounds", "1", "--parts", "files", "--json", json);

            Assert.That(result.Output, Does.Contain("file-read-32: 100,000 reads a round").And.Contain("| file-read-1: Qi to RandomAccess.ReadAsync"), result.ToString());
            using var report = JsonDocument.Parse(await File.ReadAllTextAsync(json));
            string?[] verdicts = [.. report.RootElement.EnumerateArray().Select(bar => bar.GetProperty("verdict").GetString())];
            Assert.That(verdicts, Has.Length.EqualTo(2));
            Assert.That(result.ExitCode, Is.EqualTo(verdicts.All(verdict => verdict == "Met") ? 0 : 1));
        }
        finally
        {
            File.Delete(json);
        }
    }

    [Test]
    public void Measure_SteadyState_AllocatesNothing()
    {
        var results = SteadyState.Measure().ToArray();

        Assert.That(results, Has.Length.EqualTo(4));
        Assert.That(results.Where(result => result.Bytes >= 1), Is.Empty);
    }
#endif

    private static NetComparison Compare(NetWorkload workload, long qi, long dotnet, long epoll) => new(
        workload,
        [NetSpecimen.Series("qi", workload, qi, qi), NetSpecimen.Series("dotnet", workload, dotnet, dotnet), NetSpecimen.Series("epoll", workload, epoll, epoll)],
        []);

    private static string Verdicts(IEnumerable<Bar> bars) => string.Concat(bars.Select(bar => bar.Verdict));
}
