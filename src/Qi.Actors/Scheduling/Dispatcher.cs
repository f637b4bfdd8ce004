// A dispatcher: one thread at a time, and all that it owns. Its loop takes an item, runs one turn of it, and looks again.
//
// Owner only (the thread that holds the lease, see ThreadContext): the LIFO slot and its streak, the lanes' owner side, the
// timer wheel, the tick, the generator. Any thread: the rings' thief side, Control, Parker, IsParked, TurnSerial (read by
// the monitor). The monitor: the number of the turn that takes long.
//
// The LIFO slot holds the item scheduled last: a message to an idle actor usually makes that actor the best thing to run
// next, its data being warm. Thieves do not see it, which keeps it free of atomics; the streak bounds how long two actors
// that keep waking each other may hold up the ring, and a turn that gets stuck loses the whole dispatcher, slot included.
//
// The fresh stack holds what was spawned last, up to 16 items, newest first, also without atomics. It makes a tree of spawns grow
// depth first, so that what is alive at once stays small. Its older half moves to the ring when it is full, and while somebody is
// idle its oldest item does at each spawn, until the ring holds 16: so thieves find the oldest, largest parts of the tree there, and
// no more of them than they need. (A ring that took every spawn while somebody is idle would grow the tree breadth first.) A single item
// is kept back while wake-ups have been in vain: in a chain of spawns this dispatcher is always the first to take the next one.
//
// This file: scheduling and the loop. Dispatcher.Find.cs: what runs next. Dispatcher.Park.cs: searching and sleeping. Dispatcher.Io.cs: its reactor.

using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>The unit of parallelism: run queues, timers and a thread that serves them.</summary>
internal sealed partial class Dispatcher : PaddedObject, IDisposable
{
    private const int SharedItems = 16;

    public CacheLinePadding After;

    public readonly DispatcherPool Pool;
    public readonly int Index;
    public readonly Lanes Lanes;
    public readonly DispatcherTimers Timers;
    public readonly ThreadParker Parker = new();
    public readonly MpscQueue<DispatcherMessage> Control = new();

    private readonly StealQueue<RunItem> _normalRing;
    private RunItem?[]? _overflowBatch;
    private FreshStack _fresh;
    private RunItem? _lifo;
    private int _lifoStreak;
    private Rng _rng;
    private ThreadContext? _thread;
    private uint _turnSerial;
    private uint _longTurn;
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
        _spinNs = pool.Settings.SpinNs;
        _loneTaken = new uint[pool.Settings.Dispatchers];
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
    public int QueuedCount => Lanes.ItemCount + _fresh.Count + (_lifo is null ? 0 : 1);

    /// <summary>Queues an item at the given place, of which only the Normal lane has more than the last. Owner only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ScheduleOnDispatcher(RunItem item, QueuePlace place)
    {
        switch (place)
        {
            case QueuePlace.Next when item.Lane == Priority.Normal:
                var displaced = _lifo;
                _lifo = item;
                if (displaced is not null)
                    EnqueueOnDispatcher(displaced);
                break;
            case QueuePlace.NextIfFree when item.Lane == Priority.Normal && _lifo is null:
                _lifo = item;
                break;
            case QueuePlace.Fresh:
                PushFresh(item);
                break;
            case QueuePlace.LastOfItsTurn:
                EnqueueAtEndOfTurn(item);
                break;
            default:
                EnqueueOnDispatcher(item);
                break;
        }
    }

    /// <summary>Queues an item behind everything in its lane. Owner only.</summary>
    public void EnqueueOnDispatcher(RunItem item)
    {
        Push(item);
        if (Pool.Idle.ShouldWake)
            Pool.WakeOne();
    }

    // The turn is over and this dispatcher is about to look at its ring: whoever were woken for a lone item would come too late for it.
    private void EnqueueAtEndOfTurn(RunItem item)
    {
        Push(item);
        if (Pool.Idle.ShouldWake && HasMoreThanOne)
            Pool.WakeOne();
    }

    // Between two turns: something in the rings is left for others when this dispatcher has taken its next item.
    private bool HasMoreThanOne => HasSlotted ? !Lanes.IsEmpty : Lanes.ItemCount > 1;

    /// <summary>True if the LIFO slot or the fresh stack holds something. Owner, or an estimate.</summary>
    public bool HasSlotted => _lifo is not null || _fresh.Count > 0;

    /// <summary>What only this dispatcher would run next goes to the ring, where thieves find it. Owner only.</summary>
    public void ShareOnDispatcher()
    {
        if (HasSlotted)
            GiveWay();
    }

    /// <summary>The turn with this number takes long: what it spawns goes where others can take it. Monitor.</summary>
    public void ShareDuring(uint serial) => Atomic.Write(ref _longTurn, serial);

    /// <summary>True if something waits here that only this dispatcher's thread can reach. Monitor; an estimate.</summary>
    public bool HidesWork()
        => HasSlotted || !Control.IsEmpty || Timers.IsOverdue() || HasPending || Reactor is { HasEvents: true };

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
        AdoptReactor();
        while (true)
        {
            var item = FindNext() ?? SearchOrPark();
            if (item is null)
            {
                EndReactor();
                break;
            }

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

    /// <summary>Nobody will run the loop any more. By whoever has taken the dispatcher from its last thread.</summary>
    public void EndWithoutThread() => Atomic.Write(ref _hasEnded, true);

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
        while (_fresh.TryPop() is { } fresh)
            fresh.Refuse();
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
        DisposeReactor();
    }

    private void PushFresh(RunItem item)
    {
        bool isLong = Atomic.Read(ref _longTurn) == _turnSerial;
        if (isLong || item.Lane != Priority.Normal)
        {
            if (isLong)
                MoveFreshToRing(_fresh.Count);
            EnqueueOnDispatcher(item);
            return;
        }

        if (_fresh.Count == FreshStack.Capacity)
            MoveFreshToRing(FreshStack.Capacity / 2);
        _fresh.Push(item);
        if (Pool.Idle.IsAnyoneIdle && _normalRing.Count < SharedItems && !(Pool.Idle.AreWakesVain && _fresh.Count == 1))
            MoveFreshToRing(1);
    }

    // The oldest of the fresh items become stealable.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MoveFreshToRing(int count)
    {
        if (count == 0)
            return; // nobody is to be woken for nothing
        for (; count > 0; count--)
        {
            Push(_fresh.TryTakeOldest()!);
        }

        if (Pool.Idle.ShouldWake)
            Pool.WakeOne();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Push(RunItem item)
    {
        if (!Lanes.TryPush(item))
            Overflow(item);
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
