using Qi.Actors.Collections;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Collections;

public sealed class RunNodeTests
{
    [Test]
    public void TryAppend_UpToTheCapacity_KeepsTheOrder()
    {
        var run = new RunNode<int>();
        long state = run.Open(0);
        for (int i = 1; i < RunNode<int>.Capacity; i++)
            Assert.That(run.TryAppend(i, ref state), Is.True);

        Assert.That(run.TryAppend(99, ref state), Is.False, "It is full.");
        for (int i = 0; i < RunNode<int>.Capacity; i++)
        {
            Assert.That(run.TryTake(out int message), Is.True);
            Assert.That(message, Is.EqualTo(i));
        }

        Assert.That(run.TryTake(out _), Is.False);
        Assert.That(run.TryClose(), Is.True);
    }

    [Test]
    public void TryClose_WithAMessageLeft_IsRefused()
    {
        var run = new RunNode<string>();
        run.Open("first");

        Assert.That(run.TryClose(), Is.False);
        Assert.That(run.MessageCount, Is.EqualTo(1));
        Assert.That(run.TryTake(out _), Is.True);
        Assert.That(run.TryClose(), Is.True);
        Assert.That(run.TryClose(), Is.True, "Closing it again tells the same.");
    }

    [Test]
    public void TryAppend_ToAClosedRun_IsRefused()
    {
        var run = new RunNode<int>();
        long state = run.Open(1);
        run.TryTake(out _);
        run.TryClose();

        Assert.That(run.TryAppend(2, ref state), Is.False);
        Assert.That(run.TryTake(out _), Is.False);
    }

    [Test]
    public void TryAppend_WithTheStateOfAnEarlierUse_WritesNothing()
    {
        var run = new RunNode<int>();
        long stale = run.Open(1);
        run.TryTake(out _);
        run.TryClose();
        long state = run.Open(10);

        Assert.That(run.TryAppend(2, ref stale), Is.False);
        Assert.That(run.TryAppend(11, ref state), Is.True);
        Assert.That((run.TryTake(out int first), first, run.TryTake(out int second), second), Is.EqualTo((true, 10, true, 11)));
    }

    [Test]
    public void SenderAndReceiver_OnTwoThreads_LoseAndReorderNothing()
    {
        const int Messages = 100_000;
        var runs = new RunNode<long>[4];
        for (int i = 0; i < runs.Length; i++)
            runs[i] = new RunNode<long>();
        var opened = new System.Collections.Concurrent.ConcurrentQueue<RunNode<long>>();
        var free = new System.Collections.Concurrent.ConcurrentQueue<RunNode<long>>(runs);
        var sender = new Thread(() =>
        {
            RunNode<long>? current = null;
            long state = 0;
            for (long message = 0; message < Messages;)
            {
                if (current is not null && current.TryAppend(message, ref state))
                {
                    message++;
                    continue;
                }

                if (!free.TryDequeue(out var next))
                {
                    Thread.Yield();
                    continue;
                }

                current = next;
                state = next.Open(message++);
                opened.Enqueue(next);
            }
        }) { IsBackground = true };
        sender.Start();

        long expected = 0;
        long deadline = Environment.TickCount64 + (long)Signal.Bound.TotalMilliseconds;
        while (expected < Messages && Environment.TickCount64 < deadline)
        {
            if (!opened.TryPeek(out var run))
            {
                Thread.Yield();
                continue;
            }

            while (run.TryTake(out long message))
                Assert.That(message, Is.EqualTo(expected++));
            if (run.TryClose())
            {
                opened.TryDequeue(out _);
                free.Enqueue(run);
            }
        }

        Assert.That(expected, Is.EqualTo(Messages));
        Assert.That(sender.Join(Signal.Bound), Is.True);
    }

    [Test]
    public void Depot_OfWhatNobodyNeeds_IsTrimmedByHalves()
    {
        var depot = new MagazineDepot();
        for (int i = 0; i < 8; i++)
            depot.Put(new ReferenceNode());
        depot.Trim();
        Assert.That(depot.Count, Is.EqualTo(8), "All of it came since the last trim.");
        depot.Trim();
        Assert.That(depot.Count, Is.EqualTo(4));
        depot.TryTake();
        depot.TryTake();
        depot.Trim();
        Assert.That(depot.Count, Is.EqualTo(1), "Two were taken, and half of the two that were never needed is given up.");
    }
}
