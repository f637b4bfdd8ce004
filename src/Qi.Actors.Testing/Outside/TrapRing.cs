// A ConcurrentQueue to which anybody may add, and in which nobody but us finds anything: all that is added stays in one segment, a ring whose
// head is kept far ahead of its tail. Whoever wants to take looks at head and tail, and finds the ring empty; whoever adds looks at the tail and its
// slot only; and the queue's Count, which the pool is asked for by monitors, works (it is one too high).
//
//   R1  The ring is both the first and the last segment until it overflows. Then the framework links ordinary segments to it, from which everybody takes:
//       so the owner empties it long before, and puts another in its place when it has happened all the same.
//   R2  A slot's sequence number is p when it waits for the item of position p, p + 1 when that is there, and p + Capacity when it was taken. Only
//       the adder of p writes it from p to p + 1, and only we from there on.
//   R3  The head is Ahead of the next position that we take, and the tail at most three capacities: so the tail never comes near the head.
//   R4  An overflow adds twice the capacity to the tail.
//
// Positions are those of the ring: they wrap around, so compare differences.

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

using Qi.Actors.Platform;

namespace Qi.Actors.Testing.Outside;

/// <summary>A queue of the framework that only its owner can empty. One thread at a time takes; any adds.</summary>
internal sealed class TrapRing
{
    /// <summary>How many items it holds at most.</summary>
    public const int Capacity = 1 << 15;

    private const int FirstSegment = 32;
    private const int Ahead = (1 << 30) - 1; // not 2^30: the queue's Count masks the difference, and would take empty for full

    private readonly Internals _internals;
    private readonly object _ring;
    private int _next;

    public TrapRing(Internals internals)
    {
        _internals = internals;

        // Segments double when they overflow, so the last one is as large as all before it and the first one again.
        for (int i = 0; i <= Capacity - FirstSegment; i++)
            Queue.Enqueue(this);
        while (Queue.TryDequeue(out _))
        {
            // Afterwards the last segment is the first.
        }

        _ring = internals.FirstSegment(Queue)!;
        if (internals.Slots(_ring).Length != Capacity)
            throw new MissingMemberException("The segments of a ConcurrentQueue grow in another way.");
        _next = Atomic.Read(ref internals.Tail(_ring));
        Atomic.Write(ref internals.Head(_ring), _next + Ahead);
    }

    /// <summary>What others add to.</summary>
    public ConcurrentQueue<object> Queue { get; } = new();

    /// <summary>Where the next item will be put.</summary>
    public int Tail => _next + Count;

    /// <summary>How many items are there, or are being added.</summary>
    public int Count
    {
        get
        {
            int count = Atomic.Read(ref _internals.Tail(_ring)) - _next;
            return count > Capacity ? count - (2 * Capacity) : count; // R4
        }
    }

    /// <summary>True once something did not fit: when the ring is empty, the rest is to be had from <see cref="Queue"/>, by anybody.</summary>
    public bool HasOverflowed => _internals.NextSegment(_ring) is not null;

    /// <summary>Takes the oldest item. Waits for who is just adding it.</summary>
    public bool TryTake([NotNullWhen(true)] out object? item, out int position)
    {
        position = _next;
        if (Count <= 0)
        {
            item = null;
            return false;
        }

        int index = position & (Capacity - 1);
        ref int sequence = ref _internals.Sequence(_ring, index);
        var spinner = default(SpinWait);
        while (Atomic.Read(ref sequence) != position + 1) // R2
            spinner.SpinOnce();
        ref object? slot = ref _internals.Item(_ring, index);
        item = slot!;
        slot = null;
        Atomic.Write(ref _internals.Head(_ring), position + Ahead + 1); // R3: before the slot is free for one more
        Atomic.Write(ref sequence, position + Capacity);
        _next = position + 1;
        return true;
    }

    /// <summary>The private side of a ConcurrentQueue and its segments.</summary>
    internal sealed class Internals
    {
        public Internals()
        {
            FirstSegment = PrivateMember.Field<object?>(typeof(ConcurrentQueue<object>), "_head");
            var segment = FirstSegment(new ConcurrentQueue<object>())!.GetType();
            NextSegment = PrivateMember.Field<object?>(segment, "_nextSegment");
            Head = PrivateMember.InnerField<int>(segment, "_headAndTail", "Head");
            Tail = PrivateMember.InnerField<int>(segment, "_headAndTail", "Tail");
            Item = PrivateMember.ElementField<object?>(segment, "_slots", "Item");
            Sequence = PrivateMember.ElementField<int>(segment, "_slots", "SequenceNumber");
            var slots = PrivateMember.Field<object>(segment, "_slots");
            Slots = owner => (Array)slots(owner);
        }

        public FieldOf<object?> FirstSegment { get; }

        public FieldOf<object?> NextSegment { get; }

        public FieldOf<int> Head { get; }

        public FieldOf<int> Tail { get; }

        public ElementOf<object?> Item { get; }

        public ElementOf<int> Sequence { get; }

        public Func<object, Array> Slots { get; }
    }
}
