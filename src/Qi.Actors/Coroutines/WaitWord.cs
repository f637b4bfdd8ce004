// The state word of a coroutine: state, kind of wait, and the epoch of the wait.
//
//             owner                                 waker
//   Cold ──▶ Fresh ──▶ Running ──▶ Waiting ──(compare-exchange)──▶ Ready ──▶ Running
//                         └──────▶ Completed | Cancelled | Failed
//
// W1: in Cold, Fresh, Ready and Running only the owner (who created, dequeued or runs it) writes the word, plainly.
// W2: out of Waiting the word changes by compare-exchange only, so exactly one waker wins each wait; or the owner takes it back to
//     Running, because what it was to wait for could not be registered.
// W3: every wait has a new epoch, and a waker must name it: a waker that comes late finds another epoch and does nothing.
//     25 bits: a stale waker would have to sleep through 33 million waits of one coroutine to be mistaken.
// W4: whoever moves the word to Ready schedules the coroutine, once; so it is never in two queues (RunItem R1).

using Qi.Actors.Platform;

namespace Qi.Actors.Coroutines;

/// <summary>A value of the state word, with its transitions.</summary>
internal readonly struct WaitWord(int value)
{
    private const int StateMask = 0xF;
    private const int KindShift = 4;
    private const int KindMask = 0x7 << KindShift;
    private const int EpochShift = 7;

    public int Value => value;

    public WaitState State => (WaitState)(value & StateMask);

    public WaitKind Kind => (WaitKind)((value & KindMask) >> KindShift);

    public int Epoch => (int)((uint)value >> EpochShift);

    public bool IsDone => (value & StateMask) >= (int)WaitState.Completed;

    public static WaitWord Load(ref readonly int location) => new(Atomic.Read(in location));

    /// <summary>Owner: the same epoch in another state.</summary>
    public WaitWord To(WaitState state) => new((value & ~(StateMask | KindMask)) | (int)state);

    /// <summary>Owner: the next epoch, waiting.</summary>
    public WaitWord NextWait(WaitKind kind)
        => new(((Epoch + 1) << EpochShift) | ((int)kind << KindShift) | (int)WaitState.Waiting);

    /// <summary>Waker: ends the wait of an epoch. On true the caller must schedule the coroutine.</summary>
    public static bool TryWake(ref int location, int epoch) => TryEnd(ref location, epoch, WaitState.Ready);

    /// <summary>Owner: takes a wait back that nobody has ended yet.</summary>
    public static bool TryRetract(ref int location, int epoch) => TryEnd(ref location, epoch, WaitState.Running);

    private static bool TryEnd(ref int location, int epoch, WaitState next)
    {
        var seen = Load(in location);
        return seen.State == WaitState.Waiting
            && seen.Epoch == epoch
            && Atomic.CompareExchange(ref location, seen.To(next).Value, seen.Value) == seen.Value;
    }
}

/// <summary>The states of the word.</summary>
internal enum WaitState
{
    /// <summary>Created: not a coroutine of its own, nor a part of one.</summary>
    Cold = 0,

    /// <summary>Spawned: its first turn is to come.</summary>
    Fresh = 1,

    /// <summary>A further turn is to come.</summary>
    Ready = 2,
    Running = 3,
    Waiting = 4,
    Completed = 5,
    Cancelled = 6,
    Failed = 7,
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

    /// <summary>The registered event only; a cancel asks the wait object to bring it about (<see cref="ICancellableWait"/>).</summary>
    Operation = 4,
}
