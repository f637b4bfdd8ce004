// The idea: the way into the dispatchers from outside, and where full rings overflow to. Four lists, one for each lane, linked
// through RunItem.Next, under one lock that is held for a few instructions; everyone looks at counters first, so the lock is
// touched only when there is something.
//
// Fields, by writer:
//   under the lock  _heads, _tails, the Next of every item in a list, _isClosed; and the counters, which anyone may read
//
// Invariants:
// I1. A lane's list has exactly as many items as its counter says, and _total is their sum, whenever the lock is free.
// I2. The Next of the last item of a list is null; of an item that has been popped, too.
// I3. The counters are written before the lock is released, so an item that was pushed before the reader looked (in any order
//     the program makes: a lock, a fence) is counted. A pusher that then looks for sleepers puts a fence in between.
// I4. After Close no item is added; those inside can still be popped.
//
// Order: first in, first out in a lane; a batch goes in and comes out as one piece.
//
// Rejected: one lock a lane (four times the cost of asking whether there is anything, for a queue that is rarely contended since
// dispatchers take batches), lock-free queues of nodes (an allocation a push) and of items (cannot give a batch in one step, nor
// survive the reuse of an item: ABA).
// Source: the injection queue of Tokio's scheduler, for batches and for the counter outside of the lock.

using System.Diagnostics;
using System.Runtime.InteropServices;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Collections;

/// <summary>An unbounded queue of run items with four lanes: many producers, many consumers.</summary>
internal sealed class InjectQueue
{
    internal const int Lanes = 4;

    private readonly Lock _lock = new();
    private readonly RunItem?[] _heads = new RunItem?[Lanes];
    private readonly RunItem?[] _tails = new RunItem?[Lanes];
    private bool _isClosed;
    private Counters _counters;

    /// <summary>How many items there are in all lanes. Any thread: an estimate without the lock.</summary>
    internal int Count => Atomic.Read(ref _counters.Total);

    /// <summary>Whether there is no item in any lane. Any thread: an estimate without the lock.</summary>
    internal bool IsEmpty => Atomic.Read(ref _counters.Total) == 0;

    /// <summary>Whether there is an item in the High or the Critical lane. Any thread: an estimate without the lock.</summary>
    internal bool HasUrgent => Atomic.Read(ref _counters.Urgent) != 0;

    /// <summary>Whether <see cref="Close"/> has been called. Any thread.</summary>
    internal bool IsClosed => Atomic.Read(ref _isClosed);

    /// <summary>How many items there are in a lane. Any thread: an estimate without the lock.</summary>
    internal int CountOf(Priority lane) => Atomic.Read(ref CounterOf(lane));

    /// <summary>Adds an item at the end of its own lane; false if the queue is closed.</summary>
    internal bool Push(RunItem item)
    {
        Debug.Assert(item.Next is null, "An item is in one queue at a time.");
        return PushBatch(item, item, 1, item.Lane);
    }

    /// <summary>Adds a chain of items, linked through Next, at the end of a lane; false if the queue is closed.</summary>
    /// <param name="first">The first item of the chain.</param>
    /// <param name="last">The last item; its Next is null.</param>
    /// <param name="count">How many items the chain has.</param>
    /// <param name="lane">The lane that all of them go to.</param>
    internal bool PushBatch(RunItem first, RunItem last, int count, Priority lane)
    {
        Debug.Assert(last.Next is null, "A chain ends with its last item.");
        Debug.Assert(count > 0 && (count == 1) == ReferenceEquals(first, last), "A chain has as many items as its caller says.");
        lock (_lock)
        {
            if (_isClosed)
            {
                return false;
            }

            ref RunItem? tail = ref _tails[(int)lane];
            if (tail is null)
            {
                _heads[(int)lane] = first;
            }
            else
            {
                tail.Next = first;
            }

            tail = last;
            AddToCountersLocked(lane, count);
            return true;
        }
    }

    /// <summary>Takes the oldest item of a lane, or null if there is none.</summary>
    internal RunItem? TryPop(Priority lane)
    {
        if (CountOf(lane) == 0)
        {
            return null;
        }

        RunItem? first;
        lock (_lock)
        {
            first = CutLocked(lane, 1);
        }

        return first;
    }

    /// <summary>Takes up to <paramref name="max"/> of the oldest items of a lane in one go.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="max">At least 1.</param>
    /// <param name="rest">A ring that the caller owns: it receives all but the first, as far as it has room.</param>
    /// <returns>The oldest item, to be run right away; null if there was none.</returns>
    internal RunItem? PopBatch(Priority lane, int max, StealQueue<RunItem> rest)
    {
        Debug.Assert(max > 0, "A batch has at least one item.");
        if (CountOf(lane) == 0)
        {
            return null;
        }

        // Thieves only make more room, so this many pushes are certain to succeed after the lock is released.
        int wanted = Math.Min(max, rest.Room + 1);
        RunItem? first;
        lock (_lock)
        {
            first = CutLocked(lane, wanted);
        }

        for (RunItem? item = Detach(first); item is not null;)
        {
            RunItem? next = Detach(item);
            bool isPushed = rest.TryPush(item);
            Debug.Assert(isPushed, "Room that the owner saw does not go away.");
            item = next;
        }

        return first;
    }

    /// <summary>Refuses every later push. Items that are inside stay and can be popped.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            // Released for IsClosed, which reads it without the lock.
            Atomic.Write(ref _isClosed, true);
        }
    }

    /// <summary>Checks I1 and I2 by walking every list under the lock.</summary>
    [Conditional("DEBUG")]
    internal void AssertInvariants()
    {
        lock (_lock)
        {
            int total = 0;
            for (int lane = 0; lane < Lanes; lane++)
            {
                int count = 0;
                RunItem? last = null;
                for (RunItem? item = _heads[lane]; item is not null; item = item.Next)
                {
                    last = item;
                    count++;
                }

                Debug.Assert(ReferenceEquals(last, _tails[lane]), "I2: the tail is not the last item of its list.");
                Debug.Assert(count == CountOf((Priority)lane), "I1: a counter differs from its list.");
                total += count;
            }

            Debug.Assert(total == _counters.Total, "I1: the total differs from the lists.");
            Debug.Assert(_counters.Urgent == _counters.High + _counters.Critical, "I1: urgent is not the sum of its lanes.");
        }
    }

    private static RunItem? Detach(RunItem? item)
    {
        if (item is null)
        {
            return null;
        }

        RunItem? next = item.Next;
        item.Next = null;
        return next;
    }

    // Cuts a chain of up to max items off the front of a lane.
    private RunItem? CutLocked(Priority lane, int max)
    {
        ref RunItem? head = ref _heads[(int)lane];
        RunItem? first = head;
        if (first is null)
        {
            return null;
        }

        RunItem last = first;
        int count = 1;
        while (count < max && last.Next is { } next)
        {
            last = next;
            count++;
        }

        head = Detach(last);
        if (head is null)
        {
            _tails[(int)lane] = null;
        }

        AddToCountersLocked(lane, -count);
        return first;
    }

    private void AddToCountersLocked(Priority lane, int change)
    {
        // Releases: pair with the reads of the estimates, so that whoever sees a count may expect the lock to tell the same.
        ref int counter = ref CounterOf(lane);
        Atomic.Write(ref counter, counter + change);
        if (lane >= Priority.High)
        {
            Atomic.Write(ref _counters.Urgent, _counters.Urgent + change);
        }

        Atomic.Write(ref _counters.Total, _counters.Total + change);
    }

    private ref int CounterOf(Priority lane)
    {
        switch (lane)
        {
            case Priority.Low: return ref _counters.Low;
            case Priority.High: return ref _counters.High;
            case Priority.Critical: return ref _counters.Critical;
            default: return ref _counters.Normal;
        }
    }

    // On a line of their own: dispatchers read them all the time, and must not fetch the lock's line for it.
    [StructLayout(LayoutKind.Explicit, Size = CacheLine.PaddedSize)]
    private struct Counters
    {
        [FieldOffset(CacheLine.Size)]
        internal int Total;

        [FieldOffset(CacheLine.Size + 4)]
        internal int Urgent;

        [FieldOffset(CacheLine.Size + 8)]
        internal int Low;

        [FieldOffset(CacheLine.Size + 12)]
        internal int Normal;

        [FieldOffset(CacheLine.Size + 16)]
        internal int High;

        [FieldOffset(CacheLine.Size + 20)]
        internal int Critical;
    }
}
