using System.Runtime.CompilerServices;

using FsCheck;

using Qi.Actors.Collections;
using Qi.Actors.Platform;
using Qi.Actors.Properties.Tests.Kit;
using Qi.Actors.Tests.Collections;

namespace Qi.Actors.Properties.Tests.Collections;

/// <summary>Two rings whose owners push, pop and steal from each other, near the point where positions wrap, against two queues.</summary>
internal sealed class StealQueueProperties
{
    private static readonly Gen<Step<Rings>> s_steps = Steps.Of(
        (8, Steps.With<Rings>(1, static ring => new Push(ring))),
        (3, Steps.With<Rings>(1, static ring => new Pop(ring))),
        (1, Steps.With<Rings>(1, 5, static (ring, batch) => new TakeHalf(ring, batch))),
        (2, Steps.With<Rings>(1, static thief => new Steal(thief))),
        (1, Steps.With<Rings>(1, 5, static (ring, count) => new StopAThief(ring, count))),
        (1, Steps.With<Rings>(1, static ring => new ReleaseThief(ring))));

    [TestCase(4)]
    [TestCase(8)]
    public void Rings_AtRandom_MatchTheModel(int capacity)
        => Programs.Check(() => new Rings(capacity), s_steps, static rings => rings.Drain(), runs: 4_000, longest: 150);

    private sealed class Rings(int capacity)
    {
        private readonly Side[] _sides = [new(capacity, unchecked(0u - 5u)), new(capacity, 0)];
        private int _lastNumber;

        public int Capacity => capacity;

        // A thief that was stopped by hand has not emptied its slots.
        public bool HasStoppedThieves { get; set; }

        public Side this[int index] => _sides[index & 1];

        public NumberedItem Next() => new(++_lastNumber);

        public void Verify()
        {
            foreach (var side in _sides)
            {
                Expect.Equal(side.Ring.Count, side.Model.Count);
                Expect.Equal(side.Ring.IsEmpty, side.Model.Count == 0);
                Expect.Equal(side.Ring.Room, capacity - side.Model.Count - side.Kept);
                Expect.Equal(side.Ring.TakenCount, side.Taken);
                Expect.True(HasStoppedThieves || side.Ring.AreFreeSlotsCleared());
                side.Ring.AssertInvariants();
            }
        }

        public void Drain()
        {
            for (int i = 0; i < 2; i++)
            {
                while (this[i].Model.Count > 0)
                    new Pop(i).Run(this);
                new Pop(i).Run(this);
            }
        }
    }

    private sealed class Side(int capacity, uint first)
    {
        public StealQueue<NumberedItem> Ring { get; } = new(capacity, first);

        public Queue<NumberedItem> Model { get; } = new();

        public bool HasThief { get; set; }

        /// <summary>Slots that are empty but not free: the thief's, and what the owner took since it claimed them.</summary>
        public int Kept { get; set; }

        public uint Taken { get; private set; } = first;

        public NumberedItem? TakeModel()
        {
            if (Model.Count == 0)
                return null;
            Taken++;
            if (HasThief)
                Kept++;
            return Model.Dequeue();
        }
    }

    private sealed record Push(int Ring) : Step<Rings>
    {
        public override void Run(Rings subject)
        {
            var side = subject[Ring];
            bool fits = side.Model.Count + side.Kept < subject.Capacity;
            var item = subject.Next();
            Expect.Equal(side.Ring.TryPush(item), fits);
            if (fits)
                side.Model.Enqueue(item);
            subject.Verify();
        }
    }

    private sealed record Pop(int Ring) : Step<Rings>
    {
        public override void Run(Rings subject)
        {
            var side = subject[Ring];
            Expect.Equal(side.Ring.TryPop(), side.TakeModel());
            subject.Verify();
        }
    }

    private sealed record TakeHalf(int Ring, int Batch) : Step<Rings>
    {
        public override void Run(Rings subject)
        {
            var side = subject[Ring];
            var batch = new NumberedItem?[Batch];
            int expected = Math.Min(Math.Min((side.Model.Count + 1) / 2, subject.Capacity / 2), Batch);
            Expect.Equal(side.Ring.TakeHalf(batch), expected);
            for (int i = 0; i < Batch; i++)
                Expect.Equal(batch[i], i < expected ? side.TakeModel() : null);
            subject.Verify();
        }
    }

    private sealed record Steal(int Thief) : Step<Rings>
    {
        public override void Run(Rings subject)
        {
            var thief = subject[Thief];
            var victim = subject[Thief + 1];
            int half = Math.Min((victim.Model.Count + 1) / 2, subject.Capacity / 2);
            int expected = victim.HasThief ? 0 : Math.Min(half, subject.Capacity - thief.Model.Count - thief.Kept + 1);
            var first = victim.Ring.StealHalfInto(thief.Ring, out int stolen);
            Expect.Equal(stolen, expected);
            Expect.Equal(first, expected == 0 ? null : victim.TakeModel());
            for (int i = 1; i < expected; i++)
                thief.Model.Enqueue(victim.TakeModel()!);
            subject.Verify();
        }
    }

    /// <summary>A thief loses its core between its two swaps.</summary>
    private sealed record StopAThief(int Ring, int Count) : Step<Rings>
    {
        public override void Run(Rings subject)
        {
            var side = subject[Ring];
            int claimed = Math.Min(Count, side.Model.Count);
            if (side.HasThief || claimed == 0)
                return;
            ref long head = ref Fields<NumberedItem>.Head(side.Ring).Value;
            head = new StealHead(head).Claim((uint)claimed).Packed;
            side.HasThief = true;
            subject.HasStoppedThieves = true;
            for (int i = 0; i < claimed; i++)
                side.TakeModel();
            subject.Verify();
        }
    }

    private sealed record ReleaseThief(int Ring) : Step<Rings>
    {
        public override void Run(Rings subject)
        {
            var side = subject[Ring];
            if (!side.HasThief)
                return;
            ref long head = ref Fields<NumberedItem>.Head(side.Ring).Value;
            head = new StealHead(head).Release().Packed;
            side.HasThief = false;
            side.Kept = 0;
            subject.Verify();
        }
    }

    private static class Fields<T>
        where T : class
    {
        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_head")]
        internal static extern ref PaddedLong Head(StealQueue<T> ring);
    }
}
