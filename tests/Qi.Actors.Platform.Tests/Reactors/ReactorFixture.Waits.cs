using System.Runtime.Versioning;

using Qi.Actors.Platform.Linux;
using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Tests;

// Waiting and waking, with a reactor that belongs to the test's own thread.
public abstract partial class ReactorFixture<T>
{
    private const long ForeverNs = -1;
    private const long MsNs = 1_000_000;
    private const int Any = 64;

    [Test]
    public void Wait_ForNoTime_OnlyLooks()
    {
        using var subject = Create();
        Assert.That(subject.Wait(0, Any), Is.Zero);
        subject.Dispatch();
    }

    [TestCase(1)]
    [TestCase(700_000)]
    [TestCase(20 * MsNs)]
    public void Wait_WithoutEvents_LastsTheWholeTime(long timeoutNs)
    {
        using var subject = Create();
        _ = subject.Wait(0, Any);
        long startNs = Clock.NowNs();
        Assert.That(subject.Wait(timeoutNs, Any), Is.Zero);
        Assert.That(Clock.NowNs() - startNs, Is.GreaterThanOrEqualTo(timeoutNs));
    }

    [TestCase(ForeverNs)]
    [TestCase(60_000 * MsNs)]
    [TestCase(long.MaxValue)]
    public void Wake_BeforeTheWait_EndsIt(long timeoutNs)
    {
        RunOnItsOwnThread(subject =>
        {
            for (int round = 0; round < 3; round++)
            {
                subject.Wake();
                _ = subject.Wait(timeoutNs, Any);
                subject.Dispatch();
            }
        });
    }

    [Test]
    public void Wake_BetweenWaitAndDispatch_EndsTheNextWait()
    {
        RunOnItsOwnThread(subject =>
        {
            for (int round = 0; round < 100; round++)
            {
                subject.Wake();
                _ = subject.Wait(ForeverNs, Any);
                subject.Wake();
                subject.Dispatch();
                _ = subject.Wait(ForeverNs, Any);
                subject.Dispatch();
            }
        });
    }

    [Test]
    public void Wake_DuringTheWait_EndsIt()
    {
        T? subject = null;
        using var made = new ManualResetEventSlim();
        int waits = 0;
        Thread owner = Start(() =>
        {
            using var own = subject = Create();
            made.Set();
            for (int round = 0; round < 100; round++)
            {
                _ = own.Wait(ForeverNs, Any);
                own.Dispatch();
                Atomic.Add(ref waits, 1);
            }
        });
        Assert.That(made.Wait(s_bound), Is.True);
        for (int round = 0; round < 100; round++)
        {
            subject!.Wake();
            Assert.That(SpinWait.SpinUntil(() => Atomic.Read(ref waits) > round, s_bound), Is.True);
        }

        Join(owner);
    }

    [Test]
    public void Wake_ByManyThreads_IsNotLost()
    {
        const int Producers = 3;
        const int Each = 3_000;
        T? subject = null;
        using var made = new ManualResetEventSlim();
        int[] published = new int[Producers];
        using var isRead = new ManualResetEventSlim();
        Thread owner = Start(() =>
        {
            var own = subject = Create();
            made.Set();
            while (Sum() < Producers * Each)
            {
                _ = own.Wait(ForeverNs, Any);
                own.Dispatch();
            }

            isRead.Wait(s_bound);
            own.Dispose();
        });
        Assert.That(made.Wait(s_bound), Is.True);
        Thread[] producers =
        [
            .. Enumerable.Range(0, Producers).Select(producer => Start(() =>
            {
                for (int item = 1; item <= Each; item++)
                {
                    Atomic.Write(ref published[producer], item);
                    subject!.Wake();
                }
            })),
        ];
        foreach (var producer in producers)
            Join(producer);
        isRead.Set();
        Join(owner);
        subject!.Wake(); // a late one meets nobody

        int Sum()
        {
            int sum = 0;
            for (int producer = 0; producer < Producers; producer++)
                sum += Atomic.Read(ref published[producer]);
            return sum;
        }
    }

    [Test]
    [Platform("Linux")]
    [SupportedOSPlatform("linux")]
    public unsafe void Wake_AfterDispose_WritesNowhere()
    {
        var subject = Create();
        _ = subject.Wait(0, Any);
        subject.Dispose();
        int[] counters = [.. Enumerable.Range(0, 8).Select(_ => Syscalls.EventCounter(0, 0))]; // they get the lowest numbers, so the reactor's too
        subject.Wake();
        foreach (int counter in counters)
        {
            UnixCalls.PollEntry entry = new() { Descriptor = counter, Wanted = UnixCalls.PollEntry.In };
            Assert.That(UnixCalls.PollNow(&entry, 1, 0), Is.Zero);
            TestSockets.Close(counter);
        }
    }

    [Test]
    public void Wait_ForOneEventAtMost_LeavesTheOthersForTheNext()
    {
        var ends = Enumerable.Range(0, 5).Select(_ => Connected()).ToArray();
        var operations = ends.Select(_ => Receive(new byte[1])).ToArray();
        var received = operations.Select((operation, index) => operation.Start(ends[index].Handle)).ToArray();
        Settle();
        int ended = _driver.Call(() =>
        {
            foreach (var end in ends)
                end.Other.Send([1]);
            int before = 0;
            while (before < ends.Length)
            {
                int found = _driver.Reactor.Wait(ForeverNs, 1);
                _driver.Reactor.Dispatch();
                int after = operations.Sum(operation => operation.Ends);
                Assert.That(found, Is.LessThanOrEqualTo(1));
                Assert.That(after - before, Is.LessThanOrEqualTo(1));
                before = after;
            }

            return before;
        });
        Assert.That(ended, Is.EqualTo(ends.Length));
        Assert.That(received.Select(End), Is.All.EqualTo(1));
    }

    [Test]
    public void HasEvents_AfterAWake_IsTrueUntilItIsDispatched()
    {
        RunOnItsOwnThread(subject =>
        {
            _ = subject.Wait(0, Any);
            subject.Dispatch();
            Assert.That(subject.HasEvents, Is.False);
            subject.Wake();
            Assert.That(SpinWait.SpinUntil(() => subject.HasEvents, s_bound), Is.True);
            _ = subject.Wait(ForeverNs, Any);
            subject.Dispatch();
            Assert.That(SpinWait.SpinUntil(() => subject.Wait(0, Any) == 0 && !subject.HasEvents, s_bound), Is.True);
        });
    }

    [Test]
    public void HasEvents_AskedWhileTheOwnerDisposes_DoesNoHarm()
    {
        for (int round = 0; round < 50; round++)
        {
            var subject = Create();
            _ = subject.Wait(0, Any);
            using var isAsked = new ManualResetEventSlim();
            bool isOver = false;
            Thread asker = Start(() =>
            {
                while (!Atomic.Read(ref isOver))
                {
                    _ = subject.HasEvents;
                    subject.Wake();
                    isAsked.Set();
                }
            });
            Assert.That(isAsked.Wait(s_bound), Is.True);
            subject.Dispose();
            Atomic.Write(ref isOver, true);
            Join(asker);
        }
    }

    private void RunOnItsOwnThread(Action<T> body)
    {
        Exception? failure = null;
        Thread owner = Start(() =>
        {
            try
            {
                using var subject = Create();
                body(subject);
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        Join(owner);
        Assert.That(failure, Is.Null);
    }
}
