using System.Runtime.Versioning;
using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform.Tests;

/// <summary>What every parker promises.</summary>
public abstract class ThreadParkerFixture
{
    private const long ForeverNs = -1;
    private const long MsNs = 1_000_000;
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    protected sealed record Parker(Func<long, bool> Park, Action Unpark, Action Dispose);

    protected abstract Parker Create();

    [Test]
    public void Park_AfterUnpark_ReturnsAtOnce()
    {
        Parker subject = Create();
        subject.Unpark();
        Assert.That(subject.Park(ForeverNs), Is.True);
    }

    [Test]
    public void Park_WithZeroAndNoPermit_ReturnsFalse() => Assert.That(Create().Park(0), Is.False);

    [Test]
    public void Park_WithZeroAndAPermit_TakesIt()
    {
        Parker subject = Create();
        subject.Unpark();
        Assert.That(subject.Park(0), Is.True);
        Assert.That(subject.Park(0), Is.False);
    }

    [Test]
    public void Unpark_Thrice_IsOnePermit()
    {
        Parker subject = Create();
        subject.Unpark();
        subject.Unpark();
        subject.Unpark();
        Assert.That(subject.Park(ForeverNs), Is.True);
        Assert.That(subject.Park(MsNs), Is.False);
    }

    [TestCase(1)]
    [TestCase(700_000)]
    [TestCase(20 * MsNs)]
    public void Park_WithoutUnpark_LastsTheWholeTimeout(long timeoutNs)
    {
        Parker subject = Create();
        long startNs = Clock.NowNs();
        Assert.That(subject.Park(timeoutNs), Is.False);
        Assert.That(Clock.NowNs() - startNs, Is.GreaterThanOrEqualTo(timeoutNs));
    }

    [Test]
    public void Park_AfterATimeout_CanBeUnparkedAgain()
    {
        Parker subject = Create();
        Assert.That(subject.Park(MsNs), Is.False);
        subject.Unpark();
        Assert.That(subject.Park(ForeverNs), Is.True);
    }

    [TestCase(ForeverNs)]
    [TestCase(60_000 * MsNs)]
    [TestCase(long.MaxValue)]
    public void Unpark_WhileParked_WakesTheOwner(long timeoutNs)
    {
        Parker subject = Create();
        bool result = false;
        using var about = new ManualResetEventSlim();
        Thread owner = Start(() =>
        {
            about.Set();
            result = subject.Park(timeoutNs);
        });
        Assert.That(about.Wait(s_bound), Is.True);
        subject.Unpark();
        Assert.That(owner.Join(s_bound), Is.True);
        Assert.That(result, Is.True);
    }

    [Test]
    public void Collect_WhileParked_DoesNotWaitForTheOwner()
    {
        Parker subject = Create();
        Thread owner = Start(() => subject.Park(ForeverNs));
        Thread collector = Start(() =>
        {
            for (int round = 0; round < 20; round++)
            {
                GC.Collect();
            }
        });
        bool collected = collector.Join(s_bound);
        subject.Unpark();
        Assert.That(collected, Is.True);
        Assert.That(owner.Join(s_bound), Is.True);
    }

    [Test]
    public void Dispose_WhileParked_WakesForGood()
    {
        Parker subject = Create();
        Thread owner = Start(() => subject.Park(ForeverNs));
        subject.Dispose();
        Assert.That(owner.Join(s_bound), Is.True);
        subject.Unpark();
        subject.Dispose();
        for (int round = 0; round < 3; round++)
        {
            Assert.That(subject.Park(ForeverNs), Is.True);
        }
    }

    [Test]
    public void PingPong_OfTwoThreads_LosesNoWakeUp()
    {
        const int Rounds = 10_000;
        Parker[] parkers = [Create(), Create()];
        int ball = 0;
        int wrong = 0;
        void Play(int side)
        {
            for (int round = side; round < Rounds; round += 2)
            {
                while (Volatile.Read(ref ball) < round)
                {
                    _ = parkers[side].Park(ForeverNs);
                }

                // The ball is only ours now: a different value means that a store was not seen.
                wrong += ball == round ? 0 : 1;
                ball = round + 1;
                parkers[1 - side].Unpark();
            }
        }

        Thread[] players = [Start(() => Play(0)), Start(() => Play(1))];
        foreach (Thread player in players)
        {
            Assert.That(player.Join(s_bound), Is.True, "A wake-up was lost.");
        }

        Assert.That(wrong, Is.Zero);
    }

    [TestCase(ForeverNs)]
    [TestCase(MsNs / 20)]
    public void Unpark_FromManyThreads_LosesNoWakeUp(long timeoutNs)
    {
        const int Producers = 3;
        const int Each = 5_000;
        Parker subject = Create();
        int[] published = new int[Producers];
        Thread owner = Start(() =>
        {
            // Plain reads on purpose: Park and Unpark are what makes the stores visible.
            while (published.Sum() < Producers * Each)
            {
                _ = subject.Park(timeoutNs);
            }
        });
        Thread[] producers =
        [
            .. Enumerable.Range(0, Producers).Select(producer => Start(() =>
            {
                for (int item = 1; item <= Each; item++)
                {
                    published[producer] = item;
                    subject.Unpark();
                }
            })),
        ];
        foreach (Thread thread in producers.Append(owner))
        {
            Assert.That(thread.Join(s_bound), Is.True, "A wake-up was lost.");
        }
    }

    private static Thread Start(Action body)
    {
        var thread = new Thread(() => body()) { IsBackground = true };
        thread.Start();
        return thread;
    }
}

public sealed class ThreadParkerTests : ThreadParkerFixture
{
    protected override Parker Create()
    {
        var parker = new ThreadParker();
        return new Parker(parker.Park, parker.Unpark, parker.Dispose);
    }
}

public sealed class MonitorParkerTests : ThreadParkerFixture
{
    protected override Parker Create()
    {
        var parker = new MonitorParker();
        return new Parker(parker.Park, parker.Unpark, parker.Dispose);
    }
}

[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class FutexParkerTests : ThreadParkerFixture
{
    protected override Parker Create()
    {
        var parker = new FutexParker();
        return new Parker(parker.Park, parker.Unpark, parker.Dispose);
    }
}
