using Qi.Actors.Testing.Outside;

namespace Qi.Actors.Testing.Tests.Outside;

/// <summary>No real time passes for a turn's timers, and all of it for the timers of others.</summary>
public sealed class TimerHoldTests
{
    private FakeHost _host = null!;

    [SetUp]
    public void Begin() => _host = new FakeHost();

    [TearDown]
    public void End() => _host.Dispose();

    [Test]
    public void Delay_WithTurnLongerThanIt_DoesNotFireInRealTime()
    {
        var thread = Environment.CurrentManagedThreadId;
        int ranOn = 0;
        long sum = 0;
        _host.Turn(() =>
        {
            var delay = Task.Delay(1);
            _ = delay.ContinueWith(_ => ranOn = Environment.CurrentManagedThreadId, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            sum = Spin(20);
            Assert.That(delay.IsCompleted, Is.False);
        });
        sum += Spin(5);
        Assert.That(ranOn, Is.Zero, "The delay ended although no virtual time has passed.");
        _host.Advance(1);
        Assert.That(ranOn, Is.EqualTo(thread));
        Assert.That(sum, Is.Positive);
    }

    [Test]
    public void Timer_DueAtOnce_WaitsForTheHost()
    {
        int calls = 0;
        Timer? timer = null;
        _host.Turn(() =>
        {
            timer = new Timer(_ => calls++, null, 0, Timeout.Infinite);
            Spin(5);
        });
        Assert.That(calls, Is.Zero);
        _host.Advance(0);
        Assert.That(calls, Is.EqualTo(1));
        timer!.Dispose();
    }

    [Test]
    public void Timer_ChangedBetweenTurns_WaitsForTheHost()
    {
        int calls = 0;
        Timer? timer = null;
        _host.Turn(() => timer = new Timer(_ => calls++, null, 60_000, Timeout.Infinite));
        timer!.Change(1, Timeout.Infinite);
        Assert.That(Spin(20), Is.Positive);
        Assert.That(calls, Is.Zero);
        _host.Turn(static () => { });
        Assert.That(_host.Scheduled.Select(entry => entry.Split(' ')[^1]), Is.EqualTo(["60000", "1"]));
        _host.Advance(1);
        Assert.That(calls, Is.EqualTo(1));
        timer.Dispose();
    }

    [Test]
    public void Hold_OfTwoThreadsInsideOneQueueEach_EndsForBoth()
    {
        var internals = new TimerInternals();
        Assume.That(internals.Queues, Has.Length.GreaterThan(1), "One processor has one queue.");
        using var both = new Barrier(2);
        var threads = new[] { internals.Queues[0], internals.Queues[^1] }.Select(queue => new Thread(() =>
        {
            var real = new RealQueues(internals);
            lock (internals.LockOf(queue)) // as Change has it
            {
                both.SignalAndWait();
                real.Hold();
                real.Release();
            }
        }) { IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        Assert.That(threads.TrueForAll(thread => thread.Join(TimeSpan.FromSeconds(60))), Is.True, "Two simulations wait for each other.");
    }

    [Test]
    public void Timer_SetWhileAnotherThreadHasAQueue_WaitsForThatThread()
    {
        var internals = new TimerInternals();
        foreach (object queue in internals.Queues)
        {
            using var held = new ManualResetEventSlim();
            using var release = new ManualResetEventSlim();
            var other = new Thread(() =>
            {
                lock (internals.LockOf(queue))
                {
                    held.Set();
                    release.Wait();
                }
            });
            other.Start();
            held.Wait();
            using var host = new FakeHost { Waiting = release.Set };
            Timer? timer = null;
            host.Turn(() => timer = new Timer(static _ => { }, null, 60_000, Timeout.Infinite));
            Assert.That(host.TimersWaiting, Is.EqualTo(1));
            other.Join();
            timer!.Dispose();
        }
    }

    [Test]
    public void Timers_OfAnotherThread_GoOnInRealTime()
    {
        using var fired = new ManualResetEventSlim();
        using var set = new ManualResetEventSlim();
        Timer? before = new(_ => fired.Set(), null, 1, Timeout.Infinite);
        Assert.That(fired.Wait(TimeSpan.FromSeconds(30)), Is.True);
        before.Dispose();
        fired.Reset();

        Timer? during = null;
        var other = new Thread(() =>
        {
            set.Set();
            during = new Timer(_ => fired.Set(), null, 1, Timeout.Infinite);
        });
        Timer? own = null;
        _host.Turn(() =>
        {
            own = new Timer(static _ => { }, null, 1, Timeout.Infinite);
            other.Start();
            Spin(5);
        });
        Assert.That(fired.Wait(TimeSpan.FromSeconds(30)), Is.True);
        Assert.That(_host.Scheduled, Has.Count.EqualTo(1));
        other.Join();
        during!.Dispose();
        own!.Dispose();
    }

    [Test]
    public void Simulations_OnTwoThreads_DoNotBlockEachOther()
    {
        var counts = new int[2];
        var threads = Enumerable.Range(0, 2).Select(index => new Thread(() => counts[index] = Simulate())).ToList();
        threads.ForEach(thread => thread.Start());
        Assert.That(threads.TrueForAll(thread => thread.Join(TimeSpan.FromSeconds(60))), Is.True, "Two simulations wait for each other.");
        Assert.That(counts, Is.EqualTo([4_000, 4_000]));

        static int Simulate()
        {
            using var host = new FakeHost();
            int calls = 0;
            for (int round = 0; round < 1_000; round++)
            {
                var timers = new Timer[4];
                host.Turn(() =>
                {
                    for (int index = 0; index < 4; index++)
                        timers[index] = new Timer(_ => calls++, null, 1 + index, Timeout.Infinite);
                });
                host.Advance(4);
                Array.ForEach(timers, static timer => timer.Dispose());
            }

            return calls;
        }
    }

    [Test]
    public void Simulations_OneAfterTheOther_EachTakeTheirTimers()
    {
        for (int seed = 0; seed < 1_000; seed++)
        {
            using var host = new FakeHost();
            int calls = 0;
            Timer? timer = null;
            host.Turn(() => timer = new Timer(_ => calls++, null, 60_000, Timeout.Infinite));
            host.Advance(60_000);
            Assert.That(calls, Is.EqualTo(1));
            timer!.Dispose();
        }
    }

    private static long Spin(int ms)
    {
        long until = Environment.TickCount64 + ms + 1;
        long turns = 0;
        while (Environment.TickCount64 < until)
            turns++;
        return turns;
    }
}
