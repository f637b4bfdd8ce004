using Qi.Actors.Scheduling;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Scheduling;

/// <summary>Deadlines by the pool's clock.</summary>
internal sealed class TimeSourceTests
{
    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(250, 1)]
    [TestCase(251, 2)]
    [TestCase(1_000, 4)]
    [TestCase(1_001, 5)]
    public void DeadlineTick_OfADelay_IsTheFirstTickThatIsNotBeforeItsEnd(int delayUs, long expected)
        => Assert.That(new TimeSource(new VirtualTimeProvider()).DeadlineTick(TimeSpan.FromMicroseconds(delayUs)), Is.EqualTo(expected));

    [TestCase(100)]
    [TestCase(249)]
    public void DeadlineTick_BetweenTwoTicks_CountsFromNow(int elapsedUs)
    {
        var clock = new VirtualTimeProvider();
        var time = new TimeSource(clock);
        clock.Advance(TimeSpan.FromMicroseconds(elapsedUs));

        Assert.That(time.DeadlineTick(TimeSpan.FromMicroseconds(250)), Is.EqualTo(2));
    }

    [Test]
    public void DeadlineTick_OfTheLongestDelay_DoesNotOverflow()
        => Assert.That(new TimeSource(new VirtualTimeProvider()).DeadlineTick(TimeSpan.MaxValue), Is.GreaterThan(long.MaxValue / 2 / TimeSource.NsPerTick));

    [Test]
    public void CoarseNowMs_OfAManualClock_IsInMilliseconds()
    {
        var clock = new VirtualTimeProvider();
        var time = new TimeSource(clock);
        clock.Advance(TimeSpan.FromMilliseconds(7));

        Assert.That(time.CoarseNowMs(), Is.EqualTo(7));
    }
}
