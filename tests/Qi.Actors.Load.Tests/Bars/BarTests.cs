using Qi.Actors.Load.Bars;
using Qi.Actors.Load.Reporting;

namespace Qi.Actors.Load.Tests.Bars;

internal sealed class BarTests
{
    [TestCase(1.0, 1.1, 1.2, nameof(BarVerdict.Met))]
    [TestCase(0.9, 1.1, 1.2, nameof(BarVerdict.Unsure))]
    [TestCase(0.7, 0.8, 1.0, nameof(BarVerdict.Unsure))]
    [TestCase(0.7, 0.8, 0.9, nameof(BarVerdict.Missed))]
    public void AtLeast_WhereTheRoundsLie_Decides(double low, double median, double high, string verdict)
        => Assert.That(Bar.AtLeast("x", 1, new Band(low, median, high), Figures.Ratio).Verdict.ToString(), Is.EqualTo(verdict));

    [TestCase(0.8, 0.9, 1.0, nameof(BarVerdict.Met))]
    [TestCase(0.8, 0.9, 1.1, nameof(BarVerdict.Unsure))]
    [TestCase(1.1, 1.2, 1.3, nameof(BarVerdict.Missed))]
    public void AtMost_WhereTheRoundsLie_Decides(double low, double median, double high, string verdict)
        => Assert.That(Bar.AtMost("x", 1, new Band(low, median, high), Figures.Ratio).Verdict.ToString(), Is.EqualTo(verdict));

    [Test]
    public void AtLeast_OfWhatIsKnownOnOneSideOnly_DecidesWhatCanBeDecided()
    {
        var better = new Band(1.1, 1.2, 1.3);
        var worse = new Band(0.7, 0.8, 0.9);

        Assert.That(Bar.AtLeast("x", 1, better.OrMore(), Figures.Ratio).Verdict, Is.EqualTo(BarVerdict.Met), "at least so much, which is enough");
        Assert.That(Bar.AtLeast("x", 1, worse.OrMore(), Figures.Ratio).Verdict, Is.EqualTo(BarVerdict.Unsure), "at least so much, which need not be all");
        Assert.That(Bar.AtLeast("x", 1, better.OrLess(), Figures.Ratio).Verdict, Is.EqualTo(BarVerdict.Unsure), "at most so much");
        Assert.That(Bar.AtLeast("x", 1, worse.OrLess(), Figures.Ratio).Verdict, Is.EqualTo(BarVerdict.Missed), "at most so much, which is too little");
    }

    [Test]
    public void AtLeast_DisturbedOrWithoutRounds_IsUnsure()
    {
        var disturbed = Bar.AtLeast("x", 1, new Band(2, 2, 2), Figures.Ratio, isDisturbed: true);

        Assert.That(disturbed.Verdict, Is.EqualTo(BarVerdict.Unsure));
        Assert.That(disturbed.Measured, Does.EndWith("~"));
        Assert.That(Bar.AtLeast("x", 1, null, Figures.Ratio).Verdict, Is.EqualTo(BarVerdict.Unsure));
    }

    [Test]
    public void Over_OfTwoBands_GoesFromTheWorstToTheBest()
        => Assert.That(new Band(2, 3, 4).Over(new Band(1, 2, 4)), Is.EqualTo(new Band(0.5, 1.5, 4)));

    [Test]
    public void ToString_OfABand_SaysWhatIsKnown()
    {
        var band = new Band(1.1, 1.2, 1.3);

        Assert.That(band.ToString(Figures.Ratio), Is.EqualTo("1.20 (1.10 to 1.30)"));
        Assert.That(band.OrMore().ToString(Figures.Ratio), Is.EqualTo("≥ 1.20"));
        Assert.That(band.OrLess().ToString(Figures.Ratio), Is.EqualTo("≤ 1.20"));
        Assert.That(band.OrLess().OrMore().ToString(Figures.Ratio), Is.EqualTo("? 1.20"));
        Assert.That(new Band(0, 0, 0).ToString(Figures.Ratio), Is.EqualTo("0.00 (0.00 to 0.00)"));
    }
}
