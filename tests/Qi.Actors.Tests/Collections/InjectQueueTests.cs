using Qi.Actors.Collections;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Tests.Collections;

public sealed class InjectQueueTests : RunQueueFixture
{
    private static readonly Priority[] s_lanes = [Priority.Low, Priority.Normal, Priority.High, Priority.Critical];

    private protected override ISubject Create(int takers) => new Subject(takers);

    [Test]
    public void Push_ToFourLanes_KeepsThemApart()
    {
        var subject = new InjectQueue();
        foreach (Priority lane in s_lanes)
        {
            Assert.That(subject.Push(new NumberedItem((int)lane, lane)), Is.True);
            Assert.That(subject.Push(new NumberedItem((int)lane + 10, lane)), Is.True);
        }

        subject.AssertInvariants();
        Assert.That(subject.Count, Is.EqualTo(8));
        foreach (Priority lane in s_lanes)
        {
            Assert.That(subject.CountOf(lane), Is.EqualTo(2));
            Assert.That(Number(subject.TryPop(lane)), Is.EqualTo((int)lane));
            Assert.That(Number(subject.TryPop(lane)), Is.EqualTo((int)lane + 10));
            Assert.That(subject.TryPop(lane), Is.Null);
        }

        Assert.That(subject.IsEmpty, Is.True);
    }

    [TestCase(Priority.Low, false)]
    [TestCase(Priority.Normal, false)]
    [TestCase(Priority.High, true)]
    [TestCase(Priority.Critical, true)]
    public void HasUrgent_WithOneItem_DependsOnItsLane(Priority lane, bool expected)
    {
        var subject = new InjectQueue();
        subject.Push(new NumberedItem(1, lane));
        Assert.That(subject.HasUrgent, Is.EqualTo(expected));
        subject.TryPop(lane);
        Assert.That(subject.HasUrgent, Is.False);
    }

    [Test]
    public void PushBatch_OfAChain_AddsItToTheGivenLane()
    {
        var subject = new InjectQueue();
        subject.Push(new NumberedItem(0, Priority.High));
        NumberedItem[] chain = Chain(1, 3);
        Assert.That(subject.PushBatch(chain[0], chain[^1], chain.Length, Priority.High), Is.True);
        subject.Push(new NumberedItem(4, Priority.High));
        subject.AssertInvariants();
        Assert.That(subject.CountOf(Priority.High), Is.EqualTo(5));
        for (int number = 0; number < 5; number++)
        {
            RunItem? item = subject.TryPop(Priority.High);
            Assert.That(Number(item), Is.EqualTo(number));
            Assert.That(item!.Next, Is.Null, "A popped item is linked to nothing.");
        }
    }

    [TestCase(1, 1)]
    [TestCase(3, 3)]
    [TestCase(5, 5)]
    [TestCase(100, 5)]
    public void PopBatch_OfSome_ReturnsTheFirstAndQueuesTheRest(int max, int expected)
    {
        var subject = new InjectQueue();
        NumberedItem[] chain = Chain(0, 10);
        subject.PushBatch(chain[0], chain[^1], chain.Length, Priority.Normal);
        var rest = new StealQueue<RunItem>(4);

        Assert.That(Number(subject.PopBatch(Priority.Normal, max, rest)), Is.Zero);
        subject.AssertInvariants();
        Assert.That(rest.Count, Is.EqualTo(expected - 1));
        Assert.That(subject.Count, Is.EqualTo(10 - expected));
        for (int number = 1; number < expected; number++)
        {
            Assert.That(Number(rest.TryPop()), Is.EqualTo(number));
            Assert.That(chain[number].Next, Is.Null);
        }

        Assert.That(chain[0].Next, Is.Null);
        Assert.That(Number(subject.TryPop(Priority.Normal)), Is.EqualTo(expected));
    }

    [Test]
    public void PopBatch_OfAnEmptyLane_IsNull()
    {
        var subject = new InjectQueue();
        subject.Push(new NumberedItem(1, Priority.Low));
        var rest = new StealQueue<RunItem>(4);
        Assert.That(subject.PopBatch(Priority.Critical, 10, rest), Is.Null);
        Assert.That(rest.IsEmpty, Is.True);
    }

    [Test]
    public void Close_WithItemsInside_RefusesNewOnesAndKeepsThose()
    {
        var subject = new InjectQueue();
        subject.Push(new NumberedItem(1));
        Assert.That(subject.IsClosed, Is.False);
        subject.Close();
        NumberedItem[] chain = Chain(3, 2);
        Assert.That(subject.IsClosed, Is.True);
        Assert.That(subject.Push(new NumberedItem(2)), Is.False);
        Assert.That(subject.PushBatch(chain[0], chain[1], 2, Priority.High), Is.False);
        Assert.That(chain[0].Next, Is.SameAs(chain[1]), "A refused chain is handed back as it was.");
        Assert.That(Number(subject.TryPop(Priority.Normal)), Is.EqualTo(1));
        Assert.That(subject.IsEmpty, Is.True);
    }

    [Test]
    public void Operations_AtRandom_MatchTheModel([Range(1, 10)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}: dotnet test --filter \"Name~Operations_AtRandom_MatchTheModel({seed})\"");
        var random = new Rng((ulong)seed);
        var subject = new InjectQueue();
        Queue<RunItem>[] models = [new(), new(), new(), new()];
        for (int step = 0; step < 5_000; step++)
        {
            Priority lane = s_lanes[random.Below(4)];
            Queue<RunItem> model = models[(int)lane];
            switch (random.Below(4))
            {
                case 0:
                    var item = new NumberedItem(step, lane);
                    subject.Push(item);
                    model.Enqueue(item);
                    break;
                case 1:
                    NumberedItem[] chain = Chain(step, 1 + (int)random.Below(5));
                    subject.PushBatch(chain[0], chain[^1], chain.Length, lane);
                    Array.ForEach(chain, model.Enqueue);
                    break;
                case 2:
                    Assert.That(subject.TryPop(lane), Is.SameAs(model.TryDequeue(out RunItem? popped) ? popped : null));
                    break;
                default:
                    var rest = new StealQueue<RunItem>(8);
                    RunItem? first = subject.PopBatch(lane, 1 + (int)random.Below(12), rest);
                    Assert.That(first, Is.SameAs(model.TryDequeue(out RunItem? oldest) ? oldest : null));
                    while (rest.TryPop() is { } next)
                    {
                        Assert.That(next, Is.SameAs(model.Dequeue()));
                    }

                    break;
            }

            subject.AssertInvariants();
            Assert.That(s_lanes.Select(subject.CountOf), Is.EqualTo(models.Select(queue => queue.Count)));
            Assert.That(subject.Count, Is.EqualTo(models.Sum(queue => queue.Count)));
            Assert.That(subject.HasUrgent, Is.EqualTo(models[2].Count + models[3].Count > 0));
        }
    }

    [Test]
    public void Push_ByManyThreads_KeepsTheOrderOfEach()
    {
        const int Producers = 3;
        const int Each = 30_000;
        var subject = new InjectQueue();
        Thread[] producers =
        [
            .. Enumerable.Range(0, Producers).Select(producer => Start(() =>
            {
                for (int number = 0; number < Each; number += 3)
                {
                    NumberedItem[] chain = Chain((producer * Each) + number, 3);
                    subject.PushBatch(chain[0], chain[^1], 3, Priority.Normal);
                }
            })),
        ];

        int[] next = [0, Each, 2 * Each];
        int total = 0;
        int disordered = 0;
        Thread consumer = Start(() =>
        {
            var rest = new StealQueue<RunItem>(16);
            while (total < Producers * Each)
            {
                for (RunItem? item = subject.PopBatch(Priority.Normal, 10, rest); item is not null; item = rest.TryPop())
                {
                    int number = Number(item);
                    disordered += next[number / Each]++ == number ? 0 : 1;
                    total++;
                }
            }
        });
        foreach (Thread thread in producers.Append(consumer))
        {
            Assert.That(thread.Join(Bound), Is.True, $"Only {total} items were taken.");
        }

        Assert.That(disordered, Is.Zero);
        Assert.That(subject.IsEmpty, Is.True);
        subject.AssertInvariants();
    }

    [Test]
    public void PushAndPop_InSteadyState_AllocateNothing()
    {
        var subject = new InjectQueue();
        var rest = new StealQueue<RunItem>(8);
        NumberedItem[] items = [new(1), new(2), new(3)];
        long Round()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int round = 0; round < 1_000; round++)
            {
                foreach (NumberedItem item in items)
                {
                    subject.Push(item);
                }

                for (RunItem? item = subject.PopBatch(Priority.Normal, 3, rest); item is not null; item = rest.TryPop())
                {
                }
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // The runtime itself allocates a little now and then on whatever thread runs; the queue would do so in every round.
        Assert.That(Math.Min(Round(), Math.Min(Round(), Round())), Is.Zero);
    }

    private static int Number(RunItem? item) => ((NumberedItem)item!).Number;

    private static NumberedItem[] Chain(int first, int count)
    {
        NumberedItem[] items = [.. Enumerable.Range(first, count).Select(number => new NumberedItem(number))];
        for (int index = 1; index < count; index++)
        {
            items[index - 1].Next = items[index];
        }

        return items;
    }

    private sealed class Subject(int takers) : ISubject
    {
        private readonly InjectQueue _queue = new();
        private readonly StealQueue<RunItem>[] _rest = [.. Enumerable.Range(0, takers).Select(_ => new StealQueue<RunItem>(8))];

        public int Count => _queue.Count;

        public bool IsEmpty => _queue.IsEmpty;

        public bool TryPush(NumberedItem item) => _queue.Push(item);

        public NumberedItem? TryPop() => (NumberedItem?)_queue.TryPop(Priority.Normal);

        public void TakeSome(int taker, Action<NumberedItem> use)
        {
            RunItem? item = _queue.PopBatch(Priority.Normal, 6, _rest[taker]);
            while (item is not null)
            {
                use((NumberedItem)item);
                item = _rest[taker].TryPop();
            }
        }
    }
}
