// The state word of a coroutine: state, kind of wait, and the epoch of the wait.
//
//             owner                     owner or waker                    waker
//   Cold ──▶ Ready ──▶ Running ──▶ Suspending ──▶ Waiting ──(CAS)──▶ Ready
//                         │             └─(CAS, woken meanwhile)▶ Notified ──▶ Ready
//                         └──────────▶ Completed | Cancelled | Failed
//
// W1: in Cold, Ready, Running and Notified only the owner (who created, dequeued or runs it) writes the word, plainly.
// W2: out of Suspending and Waiting the word changes by compare-exchange only, so exactly one waker wins each wait.
// W3: every wait has a new epoch, and a waker must name it: a waker that comes late finds another epoch and does nothing.
//     26 bits: a stale waker would have to sleep through 67 million waits of one coroutine to be mistaken.
// W4: whoever moves the word to Ready schedules the coroutine, once; so it is never in two queues (RunItem R1).

using Qi.Actors.Platform;

namespace Qi.Actors.Coroutines;

/// <summary>A value of the state word, with its transitions.</summary>
internal readonly struct WaitWord(int value)
{
    private const int StateMask = 0xF;
    private const int KindShift = 4;
    private const int KindMask = 0x3 << KindShift;
    private const int EpochShift = 6;

    public int Value => value;

    public WaitState State => (WaitState)(value & StateMask);

    public WaitKind Kind => (WaitKind)((value & KindMask) >> KindShift);

    public int Epoch => (int)((uint)value >> EpochShift);

    public bool IsDone => (value & StateMask) >= (int)WaitState.Completed;

    public static WaitWord Load(ref readonly int location) => new(Atomic.Read(in location));

    /// <summary>Owner: the same epoch in another state.</summary>
    public WaitWord To(WaitState state) => new((value & ~(StateMask | KindMask)) | (int)state);

    /// <summary>Owner: the next epoch, about to wait.</summary>
    public WaitWord NextWait(WaitState state, WaitKind kind)
        => new(((Epoch + 1) << EpochShift) | ((int)kind << KindShift) | (int)state);

    /// <summary>Waker: ends the wait of an epoch.</summary>
    public static WakeOutcome Wake(ref int location, int epoch)
    {
        var seen = Load(in location);
        while (seen.Epoch == epoch)
        {
            WaitWord next;
            WakeOutcome outcome;
            if (seen.State == WaitState.Waiting)
                (next, outcome) = (seen.To(WaitState.Ready), WakeOutcome.MustSchedule);
            else if (seen.State == WaitState.Suspending)
                (next, outcome) = (seen.To(WaitState.Notified), WakeOutcome.OwnerSchedules);
            else
                return WakeOutcome.Stale;
            int before = Atomic.CompareExchange(ref location, next.Value, seen.Value);
            if (before == seen.Value)
                return outcome;
            seen = new WaitWord(before);
        }

        return WakeOutcome.Stale;
    }

    /// <summary>Owner: its stack has unwound, the wait begins. False if it was woken meanwhile: the owner schedules it.</summary>
    public static bool TrySettle(ref int location, WaitWord suspending)
    {
        int waiting = (suspending.Value & ~StateMask) | (int)WaitState.Waiting;
        return Atomic.CompareExchange(ref location, waiting, suspending.Value) == suspending.Value;
    }
}

/// <summary>The states of the word.</summary>
internal enum WaitState
{
    Cold = 0,
    Ready = 1,
    Running = 2,
    Suspending = 3,
    Notified = 4,
    Waiting = 5,
    Completed = 6,
    Cancelled = 7,
    Failed = 8,
}

/// <summary>What a wait may be ended by.</summary>
internal enum WaitKind
{
    /// <summary>The registered event, or a cancel.</summary>
    Event = 0,

    /// <summary>A resume, or a cancel.</summary>
    Suspend = 1,

    /// <summary>A message that matches, or a cancel.</summary>
    Receive = 2,

    /// <summary>The registered event only.</summary>
    Uncancellable = 3,
}

/// <summary>What became of a wake.</summary>
internal enum WakeOutcome
{
    /// <summary>The wait had ended already: nothing to do.</summary>
    Stale,

    /// <summary>The caller ended the wait and must schedule the coroutine.</summary>
    MustSchedule,

    /// <summary>The caller ended the wait; the coroutine's own thread schedules it when its stack has unwound.</summary>
    OwnerSchedules,
}
