using System.Reflection;
using System.Runtime.CompilerServices;
using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Tests.Collections;

public sealed class MpscQueueTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    [Test]
    public void TryDequeue_OfAnEmptyQueue_IsFalse()
    {
        var subject = new MpscQueue<int>();
        Assert.That(subject.TryDequeue(out int item), Is.False);
        Assert.That(item, Is.Zero);
        Assert.That(subject.IsEmpty, Is.True);
    }

    [Test]
    public void TryDequeue_AtRandom_MatchesTheModel([Range(1, 5)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}: dotnet test --filter \"Name~TryDequeue_AtRandom_MatchesTheModel({seed})\"");
        var random = new Rng((ulong)seed);
        var subject = new MpscQueue<string>();
        Queue<string> model = new();
        for (int step = 0; step < 5_000; step++)
        {
            if (random.Below(2) == 0)
            {
                string item = $"{step}";
                subject.Enqueue(item);
                model.Enqueue(item);
            }
            else
            {
                bool expected = model.TryDequeue(out string? oldest);
                Assert.That(subject.TryDequeue(out string? item), Is.EqualTo(expected));
                Assert.That(item, Is.SameAs(oldest));
            }

            subject.AssertInvariants();
            Assert.That(subject.IsEmpty, Is.EqualTo(model.Count == 0));
        }
    }

    [Test]
    public void TryDequeue_WhileAProducerHasNotLinked_IsFalseButNotEmpty()
    {
        var subject = new MpscQueue<int>();
        subject.Enqueue(1);
        (object before, object node) = Announce(subject, 2);

        // Whole again behind the gap, and still hidden by it.
        subject.Enqueue(3);
        Assert.That(subject.TryDequeue(out int first), Is.True);
        Assert.That(first, Is.EqualTo(1));
        Assert.That(subject.TryDequeue(out _), Is.False);
        Assert.That(subject.IsEmpty, Is.False);
        subject.AssertInvariants();

        Invoke(subject, "Link", before, node);
        Assert.That(subject.TryDequeue(out int second), Is.True);
        Assert.That(second, Is.EqualTo(2));
        Assert.That(subject.TryDequeue(out int third), Is.True);
        Assert.That(third, Is.EqualTo(3));
        Assert.That(subject.IsEmpty, Is.True);
    }

    [Test]
    public void TryDequeue_OfTheLastItem_DoesNotKeepItAlive()
    {
        var subject = new MpscQueue<object>();
        WeakReference item = PassThrough(subject);
        GC.Collect();
        Assert.That(item.IsAlive, Is.False);
        Assert.That(subject.IsEmpty, Is.True);
    }

    [Test]
    public void Enqueue_ByManyThreads_KeepsTheOrderOfEach()
    {
        const int Producers = 3;
        const int Each = 60_000;
        var subject = new MpscQueue<(int Producer, int Number)>();
        var threads = new Thread[Producers];
        for (int index = 0; index < Producers; index++)
        {
            int producer = index;
            threads[index] = new Thread(() =>
            {
                for (int number = 0; number < Each; number++)
                {
                    subject.Enqueue((producer, number));
                }
            }) { IsBackground = true };
            threads[index].Start();
        }

        int[] next = new int[Producers];
        long deadlineNs = Clock.NowNs() + Clock.TimeSpanToNs(s_bound);
        for (int total = 0; total < Producers * Each;)
        {
            if (subject.TryDequeue(out (int Producer, int Number) item))
            {
                if (next[item.Producer]++ != item.Number)
                {
                    Assert.Fail($"Producer {item.Producer}'s item {item.Number} came out of order.");
                }

                total++;
            }
            else if (Clock.NowNs() > deadlineNs)
            {
                Assert.Fail($"Only {total} of {Producers * Each} items came out.");
            }
        }

        foreach (Thread thread in threads)
        {
            Assert.That(thread.Join(s_bound), Is.True);
        }

        Assert.That(subject.IsEmpty, Is.True);
        Assert.That(subject.TryDequeue(out _), Is.False);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference PassThrough(MpscQueue<object> queue)
    {
        object item = new();
        queue.Enqueue(item);
        Assert.That(queue.TryDequeue(out _), Is.True);
        return new WeakReference(item);
    }

    // The first half of Enqueue: a producer that is off its core between its two steps.
    private static (object Before, object Node) Announce(MpscQueue<int> queue, int item)
    {
        Type nodeType = typeof(MpscQueue<>).GetNestedType("Node", BindingFlags.NonPublic)!.MakeGenericType(typeof(int));
        object node = Activator.CreateInstance(nodeType, item)!;
        return (Invoke(queue, "Announce", node)!, node);
    }

    private static object? Invoke(MpscQueue<int> queue, string method, params object[] arguments)
        => typeof(MpscQueue<int>)
            .GetMethod(method, BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)!
            .Invoke(queue, arguments);
}
