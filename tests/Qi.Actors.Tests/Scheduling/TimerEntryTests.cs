using Qi.Actors.Platform;
using Qi.Actors.Scheduling;
using Qi.Actors.Tests.Coroutines;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Scheduling;

/// <summary>Timers that are armed and cancelled by any thread.</summary>
public sealed class TimerEntryTests
{
    [Test]
    public async Task Arm_FromAThreadThatIsNoDispatcher_Fires()
    {
        using var pool = new TestPool(TestPool.Settings(2));
        var timer = new Counting();
        long startNs = Clock.NowNs();
        timer.Arm(pool.Pool, TimeSpan.FromMilliseconds(5));
        await LateSignalTests.WaitUntil(() => timer.Fired == 1);
        Assert.That(Clock.NowNs() - startNs, Is.GreaterThanOrEqualTo(5_000_000));
        Assert.That(timer.IsPending, Is.False);
        Assert.That(timer.HasFired(timer.CurrentGeneration), Is.True);
    }

    [Test]
    public async Task Cancel_OfAnEarlierUse_DoesNotStopTheNext()
    {
        using var pool = new TestPool(TestPool.Settings(1));
        var timer = new Counting();
        int first = timer.NextGeneration;
        timer.Arm(pool.Pool, TimeSpan.Zero);
        await LateSignalTests.WaitUntil(() => timer.Fired == 1);
        timer.Arm(pool.Pool, TimeSpan.FromMilliseconds(20));
        Assert.That(timer.TryCancel(first), Is.False);
        await LateSignalTests.WaitUntil(() => timer.Fired == 2);
    }

    [Test]
    [Category("Stress")]
    public async Task Cancel_RacingWithTheDeadlineFromSeveralThreads_EitherStopsItOrFindsItFired([Values(1, 2)] int dispatchers)
    {
        const int Timers = 3_000;
        using var pool = new TestPool(TestPool.Settings(dispatchers));
        var timers = Enumerable.Range(0, Timers).Select(_ => new Counting()).ToArray();
        int stopped = 0;
        await Signal.Within(Task.WhenAll(Enumerable.Range(1, 3).Select(seed => Task.Run(() =>
        {
            // Each thread arms its own third, and cancels it around the deadline; half of them in a turn of the pool.
            var random = new Rng((ulong)seed);
            using var isDone = new SemaphoreSlim(0);
            foreach (var timer in timers.Where((_, index) => index % 3 == seed - 1))
            {
                int generation = timer.NextGeneration;
                if (random.Below(2) == 0)
                {
                    timer.Arm(pool.Pool, TimeSpan.FromMilliseconds(random.Below(2)));
                }
                else
                {
                    pool.Pool.Schedule(new CallItem(_ =>
                    {
                        timer.Arm(pool.Pool, TimeSpan.FromMilliseconds(1));
                        isDone.Release();
                    }));
                    Assert.That(isDone.Wait(Signal.Bound), Is.True);
                }

                for (uint spins = random.Below(20_000); spins > 0; spins--)
                    Atomic.Pause();
                if (timer.TryCancel(generation))
                    Atomic.Add(ref stopped, 1);
            }
        }))));
        await LateSignalTests.WaitUntil(() => stopped + timers.Sum(timer => timer.Fired) == Timers);
        using var isApplied = new ManualResetEventSlim();
        await LateSignalTests.WaitUntil(() => pool.Pool.Dispatchers.All(dispatcher => dispatcher.Control.IsEmpty));
        await LateSignalTests.WaitUntil(() => pool.Pool.Dispatchers.All(dispatcher => dispatcher.Timers.Count == 0));
        Assert.That(timers.Max(timer => timer.Fired), Is.LessThanOrEqualTo(1));
        TestContext.Out.WriteLine($"{stopped} of {Timers} stopped");
    }

    [Test]
    public async Task Timers_ArmedInATurn_FireInTheOrderOfTheirDeadlines()
    {
        using var pool = new TestPool(TestPool.Settings(1));
        var order = new List<int>();
        using var all = new CountdownEvent(50);
        pool.Pool.Schedule(new CallItem(_ =>
        {
            for (int i = 50; i > 0; i--)
            {
                int delayMs = i;
                new Counting(() =>
                {
                    order.Add(delayMs);
                    all.Signal();
                }).Arm(pool.Pool, TimeSpan.FromMilliseconds(delayMs));
            }
        }));
        await Task.Run(() => Signal.Block(all));
        Assert.That(order, Is.EqualTo(Enumerable.Range(1, 50)));
    }

    private sealed class Counting(Action? onFire = null) : TimerEntry
    {
        private int _fired;

        public int Fired => Atomic.Read(ref _fired);

        protected override void Fire(ThreadContext thread)
        {
            Atomic.Add(ref _fired, 1);
            onFire?.Invoke();
        }
    }
}
