namespace Qi.Actors.Tests.Collections;

/// <summary>What every queue of run items promises: first in, first out, and each item exactly once.</summary>
public abstract class RunQueueFixture
{
    private protected static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>One queue as its owner sees it, and one way for other threads to take from it.</summary>
    private protected interface ISubject
    {
        int Count { get; }

        bool IsEmpty { get; }

        bool TryPush(NumberedItem item);

        NumberedItem? TryPop();

        /// <summary>Takes some items on another thread than the owner's; <paramref name="taker"/> numbers that thread.</summary>
        void TakeSome(int taker, Action<NumberedItem> use);
    }

    private protected abstract ISubject Create(int takers);

    [Test]
    public void TryPop_OfAnEmptyQueue_IsNull()
    {
        ISubject subject = Create(0);
        Assert.That(subject.TryPop(), Is.Null);
        Assert.That(subject.IsEmpty, Is.True);
        Assert.That(subject.Count, Is.Zero);
    }

    [Test]
    public void TryPop_AfterPushes_IsFirstInFirstOut()
    {
        ISubject subject = Create(0);
        for (int round = 0; round < 10; round++)
        {
            for (int number = 0; number < 4; number++)
            {
                Assert.That(subject.TryPush(new NumberedItem(number)), Is.True);
                Assert.That(subject.Count, Is.EqualTo(number + 1));
                Assert.That(subject.IsEmpty, Is.False);
            }

            for (int number = 0; number < 4; number++)
            {
                Assert.That(subject.TryPop()?.Number, Is.EqualTo(number));
            }

            Assert.That(subject.IsEmpty, Is.True);
        }
    }

    [Test]
    public void Take_ByManyThreads_GivesEachItemOnceAndInOrder()
    {
        const int Takers = 3;
        const int Items = 150_000;
        ISubject subject = Create(Takers);
        int[] taken = new int[Items];
        int total = 0;
        int disordered = 0;

        void Use(NumberedItem item, ref int last)
        {
            Interlocked.Increment(ref taken[item.Number]);
            Interlocked.Increment(ref total);
            if (item.Number <= last)
            {
                Interlocked.Increment(ref disordered);
            }

            last = item.Number;
        }

        var threads = new Thread[Takers];
        for (int taker = 0; taker < Takers; taker++)
        {
            int self = taker;
            threads[taker] = Start(() =>
            {
                int last = -1;
                while (Volatile.Read(ref total) < Items)
                {
                    subject.TakeSome(self, item => Use(item, ref last));
                    Thread.Yield();
                }
            });
        }

        threads = [.. threads, Start(() => Own(subject, Items, Use))];

        foreach (Thread thread in threads)
        {
            Assert.That(thread.Join(Bound), Is.True, $"Only {Volatile.Read(ref total)} of {Items} items were taken.");
        }

        Assert.Multiple(() =>
        {
            Assert.That(taken, Has.All.EqualTo(1));
            Assert.That(disordered, Is.Zero, "A taker saw a later item before an earlier one.");
            Assert.That(subject.IsEmpty, Is.True);
            Assert.That(subject.Count, Is.Zero);
        });
    }

    private delegate void Taking(NumberedItem item, ref int last);

    // The owner pushes all items and takes some itself: when the queue is full, now and then, and what is left at the end.
    private static void Own(ISubject subject, int items, Taking use)
    {
        int last = -1;
        for (int number = 0; number < items; number++)
        {
            var item = new NumberedItem(number);
            while (!subject.TryPush(item))
            {
                if (subject.TryPop() is { } own)
                {
                    use(own, ref last);
                }
            }

            if (number % 3 == 0 && subject.TryPop() is { } next)
            {
                use(next, ref last);
            }
        }

        while (subject.TryPop() is { } rest)
        {
            use(rest, ref last);
        }
    }

    private protected static Thread Start(Action body)
    {
        var thread = new Thread(() => body()) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
