using Qi.Actors.Load.Measuring;

namespace Qi.Actors.Load.Tests.Measuring;

internal sealed class StatisticsTests
{
    [TestCase(new[] { 3.0 }, 3)]
    [TestCase(new[] { 5.0, 1.0, 3.0 }, 3)]
    [TestCase(new[] { 4.0, 1.0, 3.0, 2.0 }, 2.5)]
    public void Median_OfValues_IsTheMiddle(double[] values, double median)
        => Assert.That(Statistics.Median(values), Is.EqualTo(median));

    [Test]
    public void Median_OfNothing_IsRefused()
        => Assert.That(() => Statistics.Median([]), Throws.ArgumentException);

    [TestCase(0, 10)]
    [TestCase(0.25, 20)]
    [TestCase(0.3, 22)]
    [TestCase(1, 50)]
    public void Quantile_BetweenValues_IsInterpolated(double quantile, double expected)
        => Assert.That(Statistics.Quantile([50, 40, 30, 20, 10], quantile), Is.EqualTo(expected).Within(1e-9));

    [Test]
    public void Spread_OneWildRound_DoesNotCount()
    {
        Assert.That(Statistics.Spread([100, 100, 100, 100, 9000]), Is.Zero);
        Assert.That(Statistics.Spread([80, 90, 100, 110, 120]), Is.EqualTo(0.2).Within(1e-9));
        Assert.That(Statistics.Spread([0, 0]), Is.Zero);
    }
}
