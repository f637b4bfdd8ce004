using Qi.Actors.Collections;
using Qi.Actors.Platform;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Collections;

public sealed class LiveTableTests
{
    [Test]
    public void Add_GivesEachItemASlotOfItsOwnUntilItIsRemoved([Values] bool hasOwner)
    {
        var subject = new LiveTable<object>();
        var owner = hasOwner ? new LiveTable<object>.Owner() : null;
        object[] items = [.. Enumerable.Range(0, 5_000).Select(i => (object)i)];
        int[] slots = [.. items.Select(item => subject.Add(item, owner))];
        Assert.That(slots, Is.Unique);
        Assert.That(Living(subject), Is.EquivalentTo(items));
        for (int i = 0; i < items.Length; i += 2)
            subject.Remove(slots[i], owner);
        Assert.That(Living(subject), Is.EquivalentTo(items.Where((_, index) => index % 2 == 1)));
    }

    [Test]
    public void Remove_ByTheOwnerOrByOthers_MakesSlotsThatAreUsedAgain([Values] bool byOwner)
    {
        var subject = new LiveTable<object>();
        var owner = new LiveTable<object>.Owner();
        int highest = 0;
        for (int round = 0; round < 50; round++)
        {
            int[] slots = [.. Enumerable.Range(0, 1_000).Select(_ => subject.Add(this, owner))];
            highest = Math.Max(highest, slots.Max());
            foreach (int slot in slots)
                subject.Remove(slot, byOwner ? owner : null);
        }

        Assert.That(highest, Is.LessThan(4_096), "the same few chunks serve all rounds");
        Assert.That(Living(subject), Is.Empty);
    }

    [Test]
    public void Adopt_GivesTheSlotsOfAnEndedThreadToTheOthers()
    {
        var subject = new LiveTable<object>();
        int highest = 0;
        for (int round = 0; round < 100; round++)
        {
            var owner = new LiveTable<object>.Owner();
            int own = subject.Add(this, owner);
            subject.Adopt(owner);
            int shared = subject.Add(this, null);
            highest = Math.Max(highest, Math.Max(own, shared));
            subject.Remove(own, null);
            subject.Remove(shared, null);
            Assert.That(Living(subject), Is.Empty);
        }

        // A thread that takes its first slot gets a chunk of its own; the slots of all those chunks are used again.
        int[] slots = [.. Enumerable.Range(0, 50_000).Select(_ => subject.Add(this, null))];
        Assert.That(slots, Is.Unique);
        Assert.That(slots.Max(), Is.LessThan(highest + 1_024 + 1_024));
    }

    [Test]
    [Category("Stress")]
    public async Task AddAndRemove_ByManyThreads_NeverGiveASlotTwice()
    {
        const int Threads = 4;
        const int Steps = 100_000;
        var subject = new LiveTable<object>();
        var handed = new System.Collections.Concurrent.ConcurrentQueue<int>();
        int[] owners = new int[1 << 20];
        int errors = 0;
        await Signal.Within(Task.WhenAll(Enumerable.Range(1, Threads).Select(seed => Task.Run(() =>
        {
            var random = new Rng((ulong)seed);
            var owner = seed == Threads ? null : new LiveTable<object>.Owner();
            for (int step = 0; step < Steps; step++)
            {
                if (random.Below(2) == 0)
                {
                    int slot = subject.Add(subject, owner);
                    if (Atomic.Exchange(ref owners[slot], seed) != 0)
                        Atomic.Add(ref errors, 1);
                    handed.Enqueue(slot);
                }
                else if (handed.TryDequeue(out int slot))
                {
                    if (Atomic.Exchange(ref owners[slot], 0) == 0)
                        Atomic.Add(ref errors, 1);
                    subject.Remove(slot, owner);
                }
            }
        }))));
        Assert.That(errors, Is.Zero);
        Assert.That(Living(subject), Has.Count.EqualTo(handed.Count));
    }

    private static List<object> Living(LiveTable<object> table)
    {
        var items = new List<object>();
        table.ForEach(items.Add);
        return items;
    }
}
