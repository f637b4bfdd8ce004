using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Tests;

internal sealed class WorkloadTests
{
    private const int Size = 200;
    private const int FewWakes = 10;

    private static IEnumerable<TestCaseData> Renderings
        => from workload in Catalogue.All
           from rendering in workload.Renderings
           select new TestCaseData(workload, rendering).SetArgDisplayNames(workload.Name, rendering.Name);

    [TestCaseSource(nameof(Renderings))]
    public async Task Run_Small_GivesTheExpectedResult(Workload workload, Rendering rendering)
    {
        await using var system = new ActorSystem();
        int size = workload.Fit(workload.Gauge == Gauge.Latency ? FewWakes : Size);

        var outcome = await Task.Run(() => rendering.Measure(system, size));

        Assert.That(outcome.Result, Is.EqualTo(workload.Expected(size)));
        Assert.That(outcome.Latencies is not null, Is.EqualTo(workload.Gauge == Gauge.Latency));
    }

    [Test]
    public void All_Names_DifferAndQiComesFirst()
    {
        Assert.That(Catalogue.All.Select(workload => workload.Name), Is.Unique);
        Assert.That(Catalogue.All.Select(workload => workload.Renderings[0].IsQi), Is.All.True);
    }

    [TestCase("pingpong-16x100", 2_000_000, 2_000_000)]
    [TestCase("pingpong-16x100", 100, 1600)]
    [TestCase("skynet", 999, 100)]
    [TestCase("fanin", 107, 104)]
    [TestCase("yield", 100, 1000)]
    [TestCase("tell", 107, 107)]
    public void Fit_WishedSize_BecomesOneThatEachContenderCanDo(string name, int wished, int fitting)
        => Assert.That(Catalogue.All.Single(workload => workload.Name == name).Fit(wished), Is.EqualTo(fitting));

    [Test]
    public void Unbalanced_Expected_IsWhatTheCalculationGives()
    {
        const int count = 300;
        long ones = Enumerable.Range(1, count).Sum(start => Unbalanced.LastBit((ulong)start));

        Assert.That(Unbalanced.Workload.Expected(count), Is.EqualTo(ones));
        Assert.That(Unbalanced.Workload.Expected(50_000), Is.EqualTo(24_959), "the peers' number");
    }

    [Test]
    public void Latencies_Of_AreQuantilesByNearestRank()
    {
        long second = System.Diagnostics.Stopwatch.Frequency;
        long[] seconds = [.. Enumerable.Range(1, 1000).Reverse().Select(i => i * second)];

        Assert.That(Latencies.Of(seconds), Is.EqualTo(new Latencies(500e9, 990e9, 999e9)));
    }
}
