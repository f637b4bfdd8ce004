using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Measuring;
using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Tests.Measuring;

internal sealed class ComparisonTests
{
    [Test]
    public void Ratio_BestPeer_IsTheFastestComparableOne()
    {
        var comparison = Specimen.Compare(
            Specimen.Series("Qi", 20, 20, 21),
            Specimen.Series("Go", 50, 50, 50),
            Specimen.Series("Channel", 80, 80, 80),
            Specimen.Series("Cheap*", 10, 10, 10));

        Assert.That(comparison.BestPeer?.Contender.Name, Is.EqualTo("Go"));
        Assert.That(comparison.Ratio, Is.EqualTo(2.5));
        Assert.That(comparison.RatioOf(comparison.Series[2]), Is.EqualTo(0.625));
        Assert.That(comparison.RatioOf(comparison.Series[3]), Is.EqualTo(5));
        Assert.That(comparison.IsDoubtful, Is.False);
    }

    [Test]
    public void Ratio_ManyOfQi_TheFastestCounts()
    {
        var comparison = Specimen.Compare(Specimen.Series("Qi", 30), Specimen.Series("Qi coroutine", 20), Specimen.Series("Task", 10));

        Assert.That(comparison.Qi?.Contender.Name, Is.EqualTo("Qi coroutine"));
        Assert.That(comparison.Ratio, Is.EqualTo(0.5));
    }

    [Test]
    public void Ratio_NobodyElse_IsNone()
    {
        var comparison = Specimen.Compare(Specimen.Series("Qi", 30), Specimen.Series("Cheap*", 1));

        Assert.That(comparison.Ratio, Is.Null);
        Assert.That(comparison.IsDoubtful, Is.False);
    }

    [Test]
    public void Ratio_TimersThatRingEarly_AreNeverTheBest()
    {
        var workload = Specimen.Workload with { Gauge = Gauge.Latency };
        var early = Specimen.Series(workload, "Task", new Reply { Ns = 1, P50Ns = -5 });
        var comparison = new Comparison(
            workload,
            Specimen.Size,
            [Specimen.Series(workload, "Qi", new Reply { Ns = 1, P50Ns = 5 }), early, Specimen.Series(workload, "Go", new Reply { Ns = 1, P50Ns = 10 })],
            []);

        Assert.That(comparison.BestPeer?.Contender.Name, Is.EqualTo("Go"));
        Assert.That(comparison.Ratio, Is.EqualTo(2));
        Assert.That(comparison.RatioOf(early), Is.Null);
    }

    [Test]
    public void IsDoubtful_RoundsOverlap_SinceTheRatioCouldFlip()
    {
        var comparison = Specimen.Compare(Specimen.Series("Qi", 98, 99, 100, 101, 102), Specimen.Series("Go", 99, 100, 101, 102, 103));

        Assert.That(comparison.CanFlip, Is.True);
        Assert.That(comparison.IsDoubtful, Is.True);
    }

    [Test]
    public void IsDoubtful_SpreadAboveTheBound_AlthoughTheyAreFarApart()
    {
        var comparison = Specimen.Compare(Specimen.Series("Qi", 10, 10, 10), Specimen.Series("Go", 60, 80, 100));

        Assert.That(comparison.CanFlip, Is.False);
        Assert.That(comparison.IsDoubtful, Is.True);
        Assert.That(Comparison.IsNoisy(comparison.Series[0]), Is.False);
    }

    [Test]
    public void Series_Figures_AreMediansOfRounds()
    {
        var series = Specimen.Series(
            Specimen.Workload,
            "Qi",
            new Reply { Ns = 100, CpuNs = 100, AllocatedBytes = 50 },
            new Reply { Ns = 300, CpuNs = 300, AllocatedBytes = 70, BytesPerUnit = 124 },
            new Reply { Ns = 200, CpuNs = 200, AllocatedBytes = 60 });

        Assert.That((series.Min, series.Median, series.Max), Is.EqualTo((10, 20, 30)));
        Assert.That(series.CpuNs, Is.EqualTo(20));
        Assert.That(series.CpuUse, Is.EqualTo(1.0 / Environment.ProcessorCount));
        Assert.That(series.AllocatedBytes, Is.EqualTo(6));
        Assert.That(series.BytesPerUnit, Is.EqualTo(124));
        Assert.That(series.P99Ns, Is.Null);
    }
}
