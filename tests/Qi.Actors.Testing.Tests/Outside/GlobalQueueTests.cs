using System.Collections.Concurrent;

using Qi.Actors.Platform;
using Qi.Actors.Testing.Outside;

namespace Qi.Actors.Testing.Tests.Outside;

/// <summary>What turns give to the pool's global queue, beside other simulations and other threads that use it too.</summary>
public sealed class GlobalQueueTests
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private FakeHost _host = null!;

    [SetUp]
    public void Begin() => _host = new FakeHost();

    [TearDown]
    public void End() => _host.Dispose();

    [Test]
    public void PendingWorkItemCount_WhileATurnGivesWork_CountsIt()
    {
        var counts = new List<long>();
        int runs = 0;
        for (int turn = 0; turn < 3; turn++)
        {
            _host.Turn(() =>
            {
                for (int index = 0; index < 100; index++)
                    ThreadPool.QueueUserWorkItem(_ => runs++);
                counts.Add(ThreadPool.PendingWorkItemCount);
            });
        }

        Assert.That(counts, Has.All.GreaterThanOrEqualTo(100).And.All.LessThan(10_000));
        Assert.That(runs, Is.EqualTo(300));
    }

    [Test]
    public void Work_OfTwoSimulationsWithEqualHashCodes_GoesToItsOwn()
    {
        var mine = new Same();
        var other = new Same();
        bool isMineGiven = false;
        bool isOtherGiven = false;
        int otherThread = 0;
        var thread = new Thread(() =>
        {
            otherThread = Environment.CurrentManagedThreadId;
            using var host = new FakeHost();
            host.Turn(() =>
            {
                SpinWait.SpinUntil(() => Atomic.Read(ref isMineGiven));
                Give(other);
                Atomic.Write(ref isOtherGiven, true);
            });
        });
        thread.Start();
        _host.Turn(() =>
        {
            Give(mine);
            Atomic.Write(ref isMineGiven, true);
            SpinWait.SpinUntil(() => Atomic.Read(ref isOtherGiven));
        });
        thread.Join();

        Assert.That(mine.RanOn, Is.EqualTo([_thread]));
        Assert.That(other.RanOn, Is.EqualTo([otherThread]));
    }

    [Test]
    public void Announce_OfAHashCodeWhoseItemIsStillToCome_WaitsForIt()
    {
        using var trap = new GlobalQueueTrap(int.MaxValue);
        var first = new TrapHold();
        var second = new TrapHold();
        var mine = new Same();
        var other = new Same();
        bool hasBegun = false;
        bool isMineGiven = false;
        trap.Announce(7, first);
        var queue = (ConcurrentQueue<object>)trap.Queue;
        var thread = new Thread(() =>
        {
            Atomic.Write(ref hasBegun, true);
            trap.Announce(7, second);
            SpinWait.SpinUntil(() => Atomic.Read(ref isMineGiven));
            queue.Enqueue(other);
            trap.Release(second);
        });
        thread.Start();
        SpinWait.SpinUntil(() => Atomic.Read(ref hasBegun));
        for (int i = 0; i < 1_000; i++)
            Thread.Yield();
        queue.Enqueue(mine);
        Atomic.Write(ref isMineGiven, true);
        thread.Join();
        trap.Release(first);

        Assert.That(first.Caught.Single(), Is.SameAs(mine));
        Assert.That(second.Caught.Single(), Is.SameAs(other));
    }

    [Test]
    public void Work_OfManySimulationsWithEqualHashCodes_GoesToItsOwn()
    {
        const int Items = 2_000;
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(static result =>
        {
            using var host = new FakeHost();
            var items = new List<Same>();
            while (items.Count < Items)
            {
                host.Turn(() =>
                {
                    for (int index = 0; index < 5; index++)
                    {
                        items.Add(new Same());
                        ThreadPool.UnsafeQueueUserWorkItem(items[^1], preferLocal: index == 2);
                    }
                });
            }

            ((ConcurrentBag<int>)result!).Add(items.Count(static item => item.RanOn.SequenceEqual([Environment.CurrentManagedThreadId])));
        })).ToList();
        var own = new ConcurrentBag<int>();
        threads.ForEach(thread => thread.Start(own));
        threads.ForEach(thread => thread.Join());

        Assert.That(own, Is.EqualTo(Enumerable.Repeat(Items, 4)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Work_OfAnotherThreadWithTheSameHashCode_IsLeftToThePool(bool isMineFirst)
    {
        var mine = new Same();
        var others = new List<Same> { new(), new() };
        bool isGiven = false;
        bool isDone = false;
        var thread = new Thread(() =>
        {
            SpinWait.SpinUntil(() => Atomic.Read(ref isGiven));
            others.ForEach(Give);
            Atomic.Write(ref isDone, true);
        });
        thread.Start();
        _host.Turn(() =>
        {
            if (isMineFirst)
                Give(mine);
            else
                ThreadPool.QueueUserWorkItem(static _ => { }); // lays the trap
            Atomic.Write(ref isGiven, true);
            SpinWait.SpinUntil(() => Atomic.Read(ref isDone));
            if (!isMineFirst)
                Give(mine);
        });
        thread.Join();

        Assert.That(SpinWait.SpinUntil(() => others.TrueForAll(static other => !other.RanOn.IsEmpty), TimeSpan.FromSeconds(30)));
        Assert.That(mine.RanOn, Is.EqualTo([_thread]));
        Assert.That(others.SelectMany(static other => other.RanOn), Has.None.EqualTo(_thread));
    }

    [Test]
    public void Work_OfATurnThatGivesMoreThanTheTrapHolds_StaysInTheSimulation()
    {
        const int Items = 5 * TrapRing.Capacity / 2;
        var threads = new List<int>();
        _host.Turn(() =>
        {
            for (int index = 0; index < Items; index++)
                ThreadPool.UnsafeQueueUserWorkItem(_ => threads.Add(Environment.CurrentManagedThreadId), null);
        });

        Assert.That(threads, Has.Count.EqualTo(Items).And.All.EqualTo(_thread));
    }

    [Test]
    public void Work_OfAnotherThreadThatIsMoreThanTheTrapHolds_RunsOnThePool()
    {
        const int Items = 3 * TrapRing.Capacity;
        int others = 0;
        bool isDone = false;
        var own = new List<int>();
        var thread = new Thread(() =>
        {
            for (int index = 0; index < Items; index++)
                ThreadPool.UnsafeQueueUserWorkItem(_ => Atomic.Add(ref others, 1), null);
            Atomic.Write(ref isDone, true);
        });
        for (int turn = 0; turn < 3; turn++)
        {
            _host.Turn(() =>
            {
                ThreadPool.QueueUserWorkItem(_ => own.Add(Environment.CurrentManagedThreadId));
                if (turn == 0)
                    thread.Start();
                SpinWait.SpinUntil(() => Atomic.Read(ref isDone));
                ThreadPool.QueueUserWorkItem(_ => own.Add(Environment.CurrentManagedThreadId));
            });
        }

        thread.Join();
        Assert.That(SpinWait.SpinUntil(() => Atomic.Read(ref others) == Items, TimeSpan.FromSeconds(30)));
        Assert.That(own, Has.Count.EqualTo(6).And.All.EqualTo(_thread));
    }

    private static void Give(Same work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);

    // As a record whose values are equal.
    private sealed class Same : IThreadPoolWorkItem
    {
        public ConcurrentQueue<int> RanOn { get; } = [];

        public void Execute() => RanOn.Enqueue(Environment.CurrentManagedThreadId);

        public override bool Equals(object? obj) => obj is Same;

        public override int GetHashCode() => 7;
    }
}
