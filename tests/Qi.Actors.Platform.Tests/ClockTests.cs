using System.Diagnostics;

namespace Qi.Actors.Platform.Tests;

public sealed class ClockTests
{
    [Test]
    public void NowNs_ReadTwice_NeverDecreases()
    {
        long before = Clock.NowNs();
        for (int round = 0; round < 10_000; round++)
        {
            long now = Clock.NowNs();
            Assert.That(now, Is.GreaterThanOrEqualTo(before));
            before = now;
        }
    }

    [Test]
    public void NowTicks_AndNowNs_TellTheSameTime()
    {
        long early = Clock.TicksToNs(Clock.NowTicks());
        long middle = Clock.NowNs();
        long late = Clock.TicksToNs(Clock.NowTicks());
        Assert.That(middle, Is.InRange(early, late));
        Assert.That(Clock.NowMs(), Is.InRange(late / 1_000_000, (late / 1_000_000) + 60_000));
    }

    [Test]
    public void Conversions_OfOneSecond_Agree()
    {
        long ticks = Clock.NsToTicks(1_000_000_000);
        Assert.Multiple(() =>
        {
            Assert.That(ticks, Is.EqualTo(Stopwatch.Frequency));
            Assert.That(Clock.TicksToNs(ticks), Is.EqualTo(1_000_000_000));
            Assert.That(Clock.TicksToMs(ticks), Is.EqualTo(1_000));
            Assert.That(Clock.MsToTicks(1_000), Is.EqualTo(ticks));
            Assert.That(Clock.TicksToTimeSpan(ticks), Is.EqualTo(TimeSpan.FromSeconds(1)));
            Assert.That(Clock.TimeSpanToTicks(TimeSpan.FromSeconds(1)), Is.EqualTo(ticks));
            Assert.That(Clock.NsToTimeSpan(1_000_000_000), Is.EqualTo(TimeSpan.FromSeconds(1)));
            Assert.That(Clock.TimeSpanToNs(TimeSpan.FromSeconds(1)), Is.EqualTo(1_000_000_000));
        });
    }

    [TestCase(10, 1, 3, 3)]
    [TestCase(-10, 1, 3, -4)]
    [TestCase(-9, 1, 3, -3)]
    [TestCase(long.MaxValue, 1_000, 1_000, long.MaxValue)]
    [TestCase(long.MinValue, 1_000, 1_000, long.MinValue)]
    [TestCase(long.MaxValue, 1_000, 10, long.MaxValue)]
    [TestCase(long.MinValue, 1_000, 10, long.MinValue)]
    [TestCase(9_000_000_000_000_000_000, 10, 1_000, 90_000_000_000_000_000)]
    [TestCase(-9_000_000_000_000_000_001, 10, 1_000, -90_000_000_000_000_001)]
    public void Scale_OfExtremeValues_RoundsDownAndSaturates(long value, long numerator, long denominator, long expected)
        => Assert.That(Clock.Scale(value, numerator, denominator), Is.EqualTo(expected));

    [Test]
    public void TimeSpanToNs_OfTheLongestSpan_Saturates()
        => Assert.That(Clock.TimeSpanToNs(TimeSpan.MaxValue), Is.EqualTo(long.MaxValue));

    [Test]
    public void CpuTimeNs_AfterBusyWork_Grows()
    {
        long before = Clock.CpuTimeNs();
        long deadlineNs = Clock.NowNs() + 10_000_000_000;
        while (Clock.CpuTimeNs() == before)
        {
            Assert.That(Clock.NowNs(), Is.LessThan(deadlineNs), "Ten seconds of spinning used no processor time.");
        }

        Assert.That(Clock.CpuTimeNs(), Is.GreaterThan(before));
    }
}
