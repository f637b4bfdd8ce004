using System.Runtime.CompilerServices;
using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Tests.Collections;

public sealed partial class StealQueueTests
{
    [Test]
    public void Operations_AtRandom_MatchTheModel([Range(1, 10)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}: dotnet test --filter \"Name~Operations_AtRandom_MatchTheModel({seed})\"");
        var random = new Rng((ulong)seed);
        StealQueue<NumberedItem>[] rings = [new(capacity, s_nearWrap), new(capacity)];
        Queue<NumberedItem>[] models = [new(), new()];
        var batch = new NumberedItem?[capacity];
        for (int step = 0; step < 5_000; step++)
        {
            int self = (int)random.Below(2);
            (StealQueue<NumberedItem> ring, Queue<NumberedItem> model) = (rings[self], models[self]);
            switch (random.Below(8))
            {
                case < 5:
                    var item = new NumberedItem(step);
                    bool fits = model.Count < capacity;
                    Assert.That(ring.TryPush(item), Is.EqualTo(fits));
                    if (fits)
                    {
                        model.Enqueue(item);
                    }

                    break;
                case 5:
                    Assert.That(ring.TryPop(), Is.SameAs(model.TryDequeue(out NumberedItem? popped) ? popped : null));
                    break;
                case 6:
                    int half = Math.Min((model.Count + 1) / 2, capacity / 2);
                    Assert.That(ring.TakeHalf(batch), Is.EqualTo(half));
                    Assert.That(batch.Take(half), Is.EqualTo(Enumerable.Range(0, half).Select(_ => model.Dequeue()).ToArray()));
                    break;
                default:
                    Queue<NumberedItem> other = models[1 - self];
                    int expected = Math.Min(Math.Min((other.Count + 1) / 2, capacity / 2), capacity - model.Count + 1);
                    NumberedItem? first = rings[1 - self].StealHalfInto(ring, out int stolen);
                    Assert.That(stolen, Is.EqualTo(expected));
                    Assert.That(first, Is.SameAs(expected == 0 ? null : other.Dequeue()));
                    for (int moved = 1; moved < expected; moved++)
                    {
                        model.Enqueue(other.Dequeue());
                    }

                    break;
            }

            Assert.That(ring.Count, Is.EqualTo(model.Count));
            Assert.That(ring.IsEmpty, Is.EqualTo(model.Count == 0));
            Assert.That(ring.Room, Is.EqualTo(capacity - model.Count));
            Assert.That(ring.AreFreeSlotsCleared(), Is.True);
        }
    }

    [Test]
    public void Dispatchers_StealingFromEachOther_LoseNothing()
    {
        const int Owners = 3;
        const int Each = 40_000;
        var rings = new StealQueue<NumberedItem>[Owners];
        for (int owner = 0; owner < Owners; owner++)
        {
            rings[owner] = new StealQueue<NumberedItem>(capacity, s_nearWrap);
        }

        int[] taken = new int[Owners * Each];
        int total = 0;
        void Use(NumberedItem? item)
        {
            if (item is not null)
            {
                Interlocked.Increment(ref taken[item.Number]);
                Interlocked.Increment(ref total);
            }
        }

        Thread[] threads =
        [
            .. Enumerable.Range(0, Owners).Select(self => Start(() =>
            {
                var random = new Rng((ulong)self);
                var batch = new NumberedItem?[capacity / 2];
                int pushed = 0;
                while (Volatile.Read(ref total) < taken.Length)
                {
                    if (pushed < Each)
                    {
                        var item = new NumberedItem((self * Each) + pushed++);
                        while (!rings[self].TryPush(item))
                        {
                            int count = rings[self].TakeHalf(batch);
                            batch.AsSpan(0, count).ToArray().ToList().ForEach(Use);
                        }
                    }

                    if (random.Below(4) == 0)
                    {
                        Use(rings[self].TryPop());
                    }

                    if (pushed == Each || random.Below(8) == 0)
                    {
                        int victim = (int)random.Below(Owners);
                        Use(victim == self ? rings[self].TryPop() : rings[victim].StealHalfInto(rings[self], out _));
                    }
                }
            })),
        ];
        foreach (Thread thread in threads)
        {
            Assert.That(thread.Join(Bound), Is.True, $"Only {Volatile.Read(ref total)} of {taken.Length} items were taken.");
        }

        Assert.That(taken, Has.All.EqualTo(1));
        Assert.That(rings.All(ring => ring.IsEmpty && ring.AreFreeSlotsCleared()), Is.True);
    }

    private static StealQueue<NumberedItem> New(int slots) => new(slots, s_nearWrap);

    private StealQueue<NumberedItem> Filled(int count)
    {
        StealQueue<NumberedItem> ring = New(capacity);
        for (int number = 0; number < count; number++)
        {
            Assert.That(ring.TryPush(new NumberedItem(number)), Is.True);
        }

        return ring;
    }

    private static List<int> Drain(StealQueue<NumberedItem> ring)
    {
        List<int> numbers = [];
        while (ring.TryPop() is { } item)
        {
            numbers.Add(item.Number);
        }

        return numbers;
    }

    // Stops a thief between its two swaps.
    private static void Claim(StealQueue<NumberedItem> ring, uint count)
    {
        ref long head = ref Fields<NumberedItem>.Head(ring).Value;
        head = new StealHead(head).Claim(count).Packed;
    }

    private static class Fields<T>
        where T : class
    {
        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_head")]
        internal static extern ref PaddedLong Head(StealQueue<T> ring);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_tail")]
        internal static extern ref PaddedUInt Tail(StealQueue<T> ring);
    }

    private sealed class Subject(int capacity, int takers) : ISubject
    {
        private readonly StealQueue<NumberedItem> _ring = New(capacity);
        private readonly StealQueue<NumberedItem>[] _loot = [.. Enumerable.Range(0, takers).Select(_ => New(capacity))];

        public int Count => _ring.Count;

        public bool IsEmpty => _ring.IsEmpty;

        public bool TryPush(NumberedItem item) => _ring.TryPush(item);

        public NumberedItem? TryPop() => _ring.TryPop();

        public void TakeSome(int taker, Action<NumberedItem> use)
        {
            NumberedItem? item = _ring.StealHalfInto(_loot[taker], out _);
            while (item is not null)
            {
                use(item);
                item = _loot[taker].TryPop();
            }
        }
    }
}
