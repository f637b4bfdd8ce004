// A dispatcher: one thread at a time, and all that it owns. Its loop takes an item, runs one turn of it, and looks again.
//
// Owner only (the thread that holds the lease, see ThreadContext): the LIFO slot and its streak, the lanes' owner side, the
// timer wheel, the tick, the generator. Any thread: the rings' thief side, Control, Parker, IsParked, TurnSerial (read by
// the monitor).
//
// The LIFO slot holds the item scheduled last: a message to an idle actor usually makes that actor the best thing to run
// next, its data being warm. Thieves do not see it, which keeps it free of atomics; the streak bounds how long two actors
// that keep waking each other may hold up the ring, and a turn that gets stuck loses the whole dispatcher, slot included.
//
// The fresh stack holds what was spawned last, up to 16 items, newest first, also without atomics. It makes a tree of spawns grow
// depth first, so that what is alive at once stays small; its older half moves to the ring when it is full, and it is used only
// while nobody is idle, so that thieves find the oldest, largest parts of the tree in the ring.
//
// This file: scheduling and the loop. Dispatcher.Find.cs: what runs next. Dispatcher.Park.cs: searching and sleeping.

using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>The unit of parallelism: run queues, timers and a thread that serves them.</summary>
internal sealed partial class Dispatcher : PaddedObject, IDisposable
{
    public CacheLinePadding After;

    public readonly DispatcherPool Pool;
    public readonly int Index;
    public readonly Lanes Lanes;
    public readonly DispatcherTimers Timers;
    public readonly ThreadParker Parker = new();
    public readonly MpscQueue<DispatcherMessage> Control = new();

    private readonly StealQueue<RunItem> _normalRing;
    private RunItem?[]? _overflowBatch;
    private readonly RunItem?[] _fresh = new RunItem?[FreshCapacity];
    private int _freshCount;
    private RunItem? _lifo;
    private int _lifoStreak;
    private Rng _rng;
    private ThreadContext? _thread;
    private uint _turnSerial;
    private bool _isParked;
    private bool _hasEnded;

    public Dispatcher(DispatcherPool pool, int index)
    {
        Pool = pool;
        Index = index;
        Lanes = new Lanes(pool.Settings.RingCapacity);
        _normalRing = Lanes.Ring(Priority.Normal);
        Timers = new DispatcherTimers(this);
        _rng = new Rng((ulong)(index + 1) * 0x9E3779B97F4A7C15UL);
        _untilMaintenance = 1;
    }

    /// <summary>Counts turns; the monitor compares it with what it saw before. Any thread.</summary>
    public uint TurnSerial => Atomic.Read(ref _turnSerial);

    /// <summary>The thread that runs this dispatcher. Any thread; changes only by hand-off.</summary>
    public ThreadContext? Thread => Atomic.Read(ref _thread);

    /// <summary>True while the dispatcher sleeps or is about to. Any thread.</summary>
    public bool IsParked => Atomic.Read(ref _isParked);

    /// <summary>True once the loop has ended for good: the pool stops, and nobody touches what the dispatcher owns.</summary>
    public bool HasEnded => Atomic.Read(ref _hasEnded);

    /// <summary>How many items wait here, about. Any thread.</summary>
    public int QueuedCount => Lanes.ItemCount + _freshCount + (_lifo is null ? 0 : 1);

    /// <summary>Queues an item that has become runnable. Owner only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ScheduleOnDispatcher(RunItem item)
    {
        if (item.Lane == Priority.Normal)
        {
            var displaced = _lifo;
            _lifo = item;
            if (displaced is null)
                return;
            item = displaced;
        }

        EnqueueOnDispatcher(item);
    }

    /// <summary>Queues an item whose turn has ended with work left. Owner only.</summary>
    public void ScheduleAgainOnDispatcher(RunItem item)
    {
        if (item.Lane == Priority.Normal && _lifo is null)
            _lifo = item;
        else
            EnqueueOnDispatcher(item);
    }

    /// <summary>Queues an item that was just spawned. Owner only.</summary>
    public void ScheduleFreshOnDispatcher(RunItem item)
    {
        if (item.Lane != Priority.Normal || Pool.Idle.IsAnyoneIdle)
        {
            EnqueueOnDispatcher(item);
            return;
        }

        if (_freshCount == FreshCapacity)
            MoveFreshToRing(FreshCapacity / 2);
        _fresh[_freshCount++] = item;
    }

    /// <summary>Queues an item behind everything in its lane, as a yield asks. Owner only.</summary>
    public void EnqueueOnDispatcher(RunItem item)
    {
        if (!Lanes.TryPush(item))
            Overflow(item);
        if (Pool.Idle.ShouldWake)
            Pool.WakeOne();
    }

    /// <summary>Sends a control message: it is applied by the dispatcher's own thread. Any thread.</summary>
    public void Send(DispatcherMessage message)
    {
        Control.Enqueue(message);
        Atomic.Fence(); // pairs with the fence between _isParked := true and the last look at Control in Park
        if (IsParked)
            Parker.Unpark();
    }

    /// <summary>The loop. Returns when the pool stops or the dispatcher was taken from this thread.</summary>
    public void RunLoop(ThreadContext thread)
    {
        Atomic.Write(ref _thread, thread);
        thread.TakeLease(this);
        while (true)
        {
            var item = FindNext() ?? SearchOrPark();
            if (item is null)
                break;
            Atomic.Write(ref _turnSerial, _turnSerial + 1);
            thread.Counters.Turns++;
            thread.BeginTurn();
            item.Run(thread);
            AmbientContext.Switch(null); // no AsyncLocal value leaks from one turn into another
            if (!thread.TryEndTurn())
                break; // L1: nothing of this dispatcher may be touched any more
        }

        bool isTaken = thread.DropLease();
        if (!isTaken)
            Atomic.Write(ref _hasEnded, true);
    }

    /// <summary>Fires the timers that are left, and those that were on their way here. After the loop has ended.</summary>
    public void AbandonTimers()
    {
        ApplyControl();
        FixPending();
        Timers.Abandon();
    }

    /// <summary>Refuses what is queued here. After the loop has ended for good.</summary>
    public void RefuseRest()
    {
        var slot = _lifo;
        _lifo = null;
        slot?.Refuse();
        for (int lane = 0; lane < Lanes.Count; lane++)
        {
            while (Lanes.Ring((Priority)lane).TryPop() is { } item)
                item.Refuse();
        }
    }

    public void Dispose()
    {
        Timers.Dispose();
        Parker.Dispose();
    }

    // The oldest of the fresh items become stealable.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MoveFreshToRing(int count)
    {
        for (int i = 0; i < count; i++)
            EnqueueOnDispatcher(_fresh[i]!);
        Array.Copy(_fresh, count, _fresh, 0, _freshCount - count);
        Array.Clear(_fresh, _freshCount - count, count);
        _freshCount -= count;
    }

    private RunItem? TakeFresh()
    {
        if (_freshCount == 0)
            return null;
        var item = _fresh[--_freshCount];
        _fresh[_freshCount] = null;
        return item;
    }

    // The ring is full: its older half and the item move to the inject queue in one batch, where anyone can take them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Overflow(RunItem item)
    {
        Span<RunItem?> batch = _overflowBatch ??= new RunItem?[Lanes.Ring(item.Lane).Capacity / 2];
        int taken = Lanes.Ring(item.Lane).TakeHalf(batch);
        if (taken == 0)
        {
            // Thieves made room while we looked.
            if (!Lanes.TryPush(item) && !Pool.Inject.Push(item))
                item.Refuse();
            return;
        }

        _thread!.Counters.Overflows++;
        for (int i = 0; i < taken - 1; i++)
            batch[i]!.Next = batch[i + 1];
        batch[taken - 1]!.Next = item;
        item.Next = null;
        var first = batch[0]!;
        batch[..taken].Clear();
        if (!Pool.Inject.PushBatch(first, item, taken + 1, item.Lane))
            RefuseAll(first);
    }

    private static void RefuseAll(RunItem? item)
    {
        while (item is not null)
        {
            var next = item.Next;
            item.Next = null;
            item.Refuse();
            item = next;
        }
    }
}
