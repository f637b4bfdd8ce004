using System.Runtime.CompilerServices;
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

    [Test]
    public void Unpark_CrossingATimeout_IsNotForgotten()
    {
        const int Rounds = 5_000;
        const long TimeoutNs = 1;
        Parker subject = Create();
        int taken = 0;
        Thread owner = Start(() =>
        {
            while (Volatile.Read(ref taken) < Rounds)
            {
                if (subject.Park(TimeoutNs))
                {
                    Interlocked.Increment(ref taken);
                }
            }
        });
        Thread giver = Start(() =>
        {
            // At any point of the owner's cycle of sleeping and timing out.
            var random = new Rng(1);
            for (int round = 1; round <= Rounds; round++)
            {
                for (long untilNs = Clock.NowNs() + random.Below(80_000); Clock.NowNs() < untilNs;)
                {
                    Atomic.Pause();
                }

                subject.Unpark();
                while (Volatile.Read(ref taken) < round)
                {
                    Thread.Yield();
                }
            }
        });
        Assert.That(giver.Join(s_bound), Is.True, $"A permit was lost after {Volatile.Read(ref taken)} of {Rounds} rounds.");
        Assert.That(owner.Join(s_bound), Is.True);
        Assert.That(taken, Is.EqualTo(Rounds), "More permits were taken than given.");
    }

    private protected static Thread Start(Action body)
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

    [TestCase(30_000_000, false)]
    [TestCase(-1, true)]
    public unsafe void Park_WokenWithoutAPermit_GoesOnWaiting(long timeoutNs, bool expected)
    {
        const int SpuriousWakes = 100;
        var subject = new FutexParker();
        bool? result = null;
        long tookNs = 0;
        Thread owner = Start(() =>
        {
            long startNs = Clock.NowNs();
            result = subject.Park(timeoutNs);
            tookNs = Clock.NowNs() - startNs;
        });

        // Wakes the kernel's sleeper, but gives no permit.
        for (int wakes = 0; wakes < SpuriousWakes && owner.IsAlive;)
        {
            wakes += Syscalls.FutexWakeOne(Word(subject));
        }

        if (timeoutNs < 0)
        {
            Assert.That(owner.IsAlive, Is.True);
            subject.Unpark();
        }

        Assert.That(owner.Join(TimeSpan.FromSeconds(30)), Is.True);
        Assert.That(result, Is.EqualTo(expected));
        Assert.That(tookNs, Is.GreaterThanOrEqualTo(timeoutNs));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_word")]
    private static extern unsafe ref int* Word(FutexParker parker);
}
