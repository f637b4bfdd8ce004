// What the runtime keeps for each operating-system thread that touches it: its caches, its counters and, on a dispatcher's
// thread, the lease that says it may touch what the dispatcher owns.
//
// The lease. A dispatcher (queues, timers, LIFO slot) is run by one thread. When that thread is stuck in user code, the
// monitor takes the dispatcher away and gives it to a spare thread. The owner's accesses are far too frequent for a lock,
// so the protocol is asymmetric (a Dekker pair in which only the monitor pays for the fence):
//
//   owner     O1  Inside := 1            monitor   M1  Lease: Held -> Revoking
//             O2  read Lease                       M2  ProcessWideFence
//             O3  Held: touch the dispatcher       M3  read Inside
//             O4  Inside := 0 (release)            M4  0: Lease := Revoked, the dispatcher is the monitor's
//                                                      1: Lease := Held, retreat
//
// L1: if M3 reads 0, the owner's O1 came after the fence M2, so its O2 sees Revoking or Revoked and it stays out.
// L2: if the owner passes O2 with Held, M3 reads 1 (until O4), so the monitor retreats.
// L3: O4 is a release and M3 an acquire: what the owner wrote inside is visible to the next thread.
// The dispatcher's loop holds Inside = 1 all the time except while a turn runs, so only a thread in user code loses it.
//
// Written by the owning thread: everything but Lease. Written by both: Lease, with the transitions above.

using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>The runtime's state of one thread.</summary>
internal sealed class ThreadContext : PaddedObject
{
    public CacheLinePadding After;

    private static readonly List<WeakReference<ThreadContext>> s_all = [];

    [ThreadStatic]
    private static ThreadContext? t_current;

    /// <summary>Free message nodes, so that a send takes no lock and allocates nothing.</summary>
    public readonly ReferenceMagazine Nodes = new();

    /// <summary>What this thread has done; summed by whoever reads statistics.</summary>
    public readonly Counters Counters = new();

    /// <summary>The dispatcher this thread runs or ran last; null on a thread that is not a dispatcher's.</summary>
    public Dispatcher? Dispatcher;

    /// <summary>The coroutine whose turn is in progress on this thread; null in any other turn.</summary>
    public RunItem? Coroutine;

    /// <summary>The frame to run next in the same turn: set by a frame that calls another or ends, taken by the run loop.</summary>
    public RunItem? Continuation;

    /// <summary>The actor this thread has sent to last; a second message in a row opens a run.</summary>
    public RunItem? LastTarget;

    /// <summary>The run that this thread may still append to, in <see cref="LastTarget"/>'s mailbox.</summary>
    public MessageNode? OpenRun;

    /// <summary>The state of that run, as this thread left it.</summary>
    public long OpenRunState;

    /// <summary>How many free coroutine frames of one method this thread keeps.</summary>
    public int FrameLimit = 128;

    /// <summary>How many operations that are already complete the current turn may still pass without yielding.</summary>
    public int BudgetLeft;

    /// <summary>Set by a coroutine that yields, for its own run loop: it goes to the back of its lane.</summary>
    public bool IsYielding;

    /// <summary>This thread's right to register what it spawns without a lock.</summary>
    public readonly LiveTable<RunItem>.Owner LiveOwner = new();

    /// <summary>What a layer above keeps for this thread. Owner.</summary>
    public IThreadResource? Resource;

    /// <summary>Tells the monitor whether a turn of this thread computes or blocks. Null on a thread that is not a dispatcher's.</summary>
    public ThreadProbe? Probe;

    private int _inside;
    private int _lease;

    /// <summary>The calling thread's context, made on first use.</summary>
    public static ThreadContext Instance
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current ?? Create();
    }

    /// <summary>The calling thread's context, or null if it has never touched the runtime.</summary>
    public static ThreadContext? Existing
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current;
    }

    /// <summary>True while this thread is in user code: the only time its dispatcher may be taken.</summary>
    public bool IsInTurn => Atomic.Read(ref _inside) == 0;

    /// <summary>True if nothing else waits for this thread's dispatcher, about: in a turn the dispatcher may have been taken.</summary>
    public bool HasNoOtherWork => Dispatcher is { } dispatcher && dispatcher.Pool.Inject.IsEmpty && dispatcher.Lanes.IsEmpty && !dispatcher.HasSlotted;

    /// <summary>Tries to enter the dispatcher's own data from a turn (O1, O2). On true, call <see cref="Exit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnter(DispatcherPool pool, out Dispatcher dispatcher, out int before)
    {
        var own = Dispatcher;
        dispatcher = own!;
        before = _inside;
        if (own is null || own.Pool != pool)
            return false;
        Atomic.Write(ref _inside, 1); // O1; pairs with M3 through the fence M2
        if (Atomic.Read(ref _lease) == (int)LeaseState.Held) // O2; pairs with M1
            return true;
        Atomic.Write(ref _inside, before);
        return false;
    }

    /// <summary>Leaves the dispatcher's data (O4); <paramref name="before"/> is what <see cref="TryEnter"/> gave.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Exit(int before) => Atomic.Write(ref _inside, before);

    /// <summary>The loop lets go of the dispatcher's data: a turn begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void BeginTurn() => Atomic.Write(ref _inside, 0);

    /// <summary>The turn is over. False if the dispatcher was taken meanwhile: the thread must leave its loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEndTurn()
    {
        Atomic.Write(ref _inside, 1);
        return Atomic.Read(ref _lease) == (int)LeaseState.Held || SettleLease();
    }

    /// <summary>The turn in progress takes long: what it has scheduled goes where idle dispatchers find it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ShareScheduled()
    {
        if (Dispatcher is not { } own || !own.Pool.Idle.IsAnyoneIdle || !TryEnter(own.Pool, out var dispatcher, out int before))
            return;
        dispatcher.ShareOnDispatcher();
        Exit(before);
    }

    /// <summary>Lets go of the actor sent to last, so that an idle thread keeps no actor alive.</summary>
    public void ForgetTarget()
    {
        LastTarget = null;
        OpenRun = null;
    }

    /// <summary>
    /// Makes every thread let go of the actor it has sent to last, if it is one of those: they have ended, and a thread that sends to nobody
    /// else would keep them alive. Their threads may be at work: what one of them reads meanwhile is the actor or null, and either will do.
    /// </summary>
    public static void ForgetTargets(Predicate<RunItem> areEnded)
    {
        lock (s_all)
        {
            foreach (var known in s_all)
            {
                if (known.TryGetTarget(out var context) && Atomic.Read(ref context.LastTarget) is { } target && areEnded(target))
                    Atomic.CompareExchange(ref context.LastTarget, null, target);
            }
        }
    }

    /// <summary>Takes the lease of a dispatcher that nobody runs; called by the thread that will run it.</summary>
    public void TakeLease(Dispatcher dispatcher)
    {
        Dispatcher = dispatcher;
        FrameLimit = dispatcher.Pool.Settings.PooledFrames;
        _inside = 1;
        Atomic.Write(ref _lease, (int)LeaseState.Held);
    }

    /// <summary>Gives the dispatcher up, of its own will at the end of the loop or because it was taken. True if it was taken.</summary>
    public bool DropLease()
    {
        int seen;
        while ((seen = Atomic.CompareExchange(ref _lease, (int)LeaseState.Free, (int)LeaseState.Held)) == (int)LeaseState.Revoking)
            SettleLease();
        Dispatcher = null;
        Atomic.Write(ref _inside, 0);
        return seen == (int)LeaseState.Revoked;
    }

    /// <summary>Called by the monitor only: takes the dispatcher away if its thread is in user code (M1 to M4).</summary>
    public bool TryRevoke(Dispatcher dispatcher)
    {
        if (Atomic.CompareExchange(ref _lease, (int)LeaseState.Revoking, (int)LeaseState.Held) != (int)LeaseState.Held)
            return false;
        Atomic.ProcessWideFence();

        // While Lease says Revoking the thread can neither take nor drop a lease, so Dispatcher is stable.
        bool isRevoked = Dispatcher == dispatcher && Atomic.Read(ref _inside) == 0;
        Atomic.Write(ref _lease, (int)(isRevoked ? LeaseState.Revoked : LeaseState.Held));
        return isRevoked;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ThreadContext Create()
    {
        var made = new ThreadContext();
        lock (s_all)
        {
            if (s_all.Count == s_all.Capacity)
                s_all.RemoveAll(static known => !known.TryGetTarget(out _));
            s_all.Add(new WeakReference<ThreadContext>(made));
        }

        return t_current = made;
    }

    // Inside is 1 here. A monitor between M1 and M4 decides within nanoseconds, one way or the other.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool SettleLease()
    {
        var spinner = default(SpinWait);
        while (Atomic.Read(ref _lease) == (int)LeaseState.Revoking)
            spinner.SpinOnce();
        return Atomic.Read(ref _lease) == (int)LeaseState.Held;
    }

    private enum LeaseState
    {
        Free = 0,
        Held = 1,
        Revoking = 2,
        Revoked = 3,
    }
}
