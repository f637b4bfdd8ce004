// The deadline of a pending ask. Reading a clock and arming a timer for each ask would cost more than the ask.
//
// On a dispatcher the deadline is fixed late, when the dispatcher next looks at its clock (PendingDeadline, D1 to D6), within a
// millisecond or so; most asks are over by then. So it may be late by that much, and is never early. Elsewhere, and where time is
// not the machine's, the asker reads the clock before it asks and arms the timer after. Timeouts below a second have a timer each.
//
// _stamp packs the low 24 bits of a use number and that use's deadline. A slot's timer, once armed, stays armed while the slot is used
// again and again; when it fires it looks at the use it finds: its deadline has passed, or the timer sleeps on for the rest, or not at all.
//   fixer   D7 stamp := (use, deadline), by compare-exchange   D8 not armed? arm, by exchange
//   timer   D9 armed := 0   D10 full fence   D11 read state and stamp: waiting, and stamped? time out, or arm for the rest
// A stamp can be taken for that of a use 2^24 later only if no use in between was stamped; but the timer fires no later than the
// deadline it was armed for, and a slot that is used so often in that time is seen waiting, and stamped, every few milliseconds.
// D7 and D10 pair: either D8 comes after D9 and sees 0, or D11 sees the stamp. If both see it, the exchange lets one of them arm. A
// use that D11 finds without a stamp has not been fixed yet: its fixer is still to come.
// D12: who fixes late may be overtaken by the end of its use and the fixing of the next one; its D7 then fails, for that stamp differs
//     from the one it read before it looked at the state. Or the late one comes first, and the D7 that fails is that of the use
//     which waits: so who fails looks again.

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

internal sealed partial class AskSlot<TReply>
{
    private const int DeadlineBits = 40;

    private AskDeadline<TReply>? _timer;
    private long _stamp;
    private long _armedUntilMs = long.MaxValue; // Also between D8's exchange and the write that follows it: nobody relies on it then.
    private int _isArmed;

    /// <summary>The deadline of a use has passed.</summary>
    public void TimeOut(long use)
    {
        var target = _target;
        var timeout = new TimeSpan(Atomic.Read(ref _timeoutTicks));
        if (target is not null)
            TryFail(use, new AskTimeoutException(target.Path, target.MessageType, timeout, target.IsStopped, target.Failure));
    }

    /// <summary>The timer has fired (D9 to D11).</summary>
    public void OnTimer()
    {
        Atomic.Write(ref _armedUntilMs, long.MaxValue); // Before D9: unknown again, should the timer be armed below.
        Atomic.Write(ref _isArmed, 0); // D9
        Atomic.Fence(); // D10
        long seen = Atomic.Read(ref _state); // D11
        long stamp = Atomic.Read(ref _stamp);
        if ((seen & PhaseMask) != Waiting || stamp >>> DeadlineBits != StampOf(seen, 0) >>> DeadlineBits)
            return;
        long leftMs = DeadlineOf(stamp) - NowMs;
        if (leftMs > 0 && !_system.Pool.IsStopping)
            TryArm(leftMs);
        else
            TimeOut(seen & ~FlagMask);
    }

    // D6, on a dispatcher's thread. A use that begins meanwhile finds itself not listed, and lists itself.
    protected override void FixIfWaiting()
    {
        while (true)
        {
            long stamp = Atomic.Read(ref _stamp);
            long seen = Atomic.Read(ref _state);
            if ((seen & PhaseMask) != Waiting)
                return;
            long use = seen & ~FlagMask;
            long timeoutTicks = Atomic.Read(ref _timeoutTicks); // of this use, if the state still says so below
            if (_system.Pool.IsStopping)
            {
                TimeOut(use);
                return;
            }

            long fixedStamp = StampOf(use, NowMs + ToMs(timeoutTicks));
            if ((Atomic.Read(ref _state) & ~FlagMask) != use)
                return;
            if (Atomic.CompareExchange(ref _stamp, fixedStamp, stamp) == stamp) // D7
            {
                EnsureTimer(use);
                return;
            }
        }
    }

    // Deadlines of a second and more may be late by as much as it takes to look at the clock again. A clock that somebody else moves
    // may move before that.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsFixedLate(ThreadContext thread)
        => _timeoutTicks >= AskDefaults.PreciseBelowTicks && thread.Dispatcher is not null && _system.Pool.Time.IsSystem;

    // Before the ask: nobody else stamps this use.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Stamp(long use) => Atomic.Write(ref _stamp, StampOf(use, NowMs + ToMs(_timeoutTicks)));

    // After it, D8.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ArmNow(long use, bool isStamped)
    {
        if (!isStamped)
            Stamp(use); // It was to be fixed late, but the thread has lost its dispatcher.
        if (_timeoutTicks < AskDefaults.PreciseBelowTicks)
            new OwnDeadline<TReply>(this, use).Arm(_system.Pool, new TimeSpan(_timeoutTicks)); // too short for the coarse clock
        else
            EnsureTimer(use);
    }

    // D8: the slot's timer is armed from here on, and fires before this use's deadline or at it; or the use gets a timer of its own.
    private void EnsureTimer(long use)
    {
        long deadlineMs = DeadlineOf(Atomic.Read(ref _stamp));
        long leftMs = Math.Max(1, deadlineMs - NowMs);
        bool isTimed = Atomic.Read(ref _isArmed) == 0 ? TryArm(leftMs) : Atomic.Read(ref _armedUntilMs) <= deadlineMs;
        if (!isTimed)
            new OwnDeadline<TReply>(this, use).Arm(_system.Pool, TimeSpan.FromMilliseconds(leftMs));
    }

    private bool TryArm(long delayMs)
    {
        if (Atomic.Exchange(ref _isArmed, 1) != 0)
            return false;
        Atomic.Write(ref _armedUntilMs, NowMs + delayMs);
        _timer ??= new AskDeadline<TReply>(this);
        _timer.Arm(_system.Pool, TimeSpan.FromMilliseconds(delayMs));
        return true;
    }

    private long NowMs => _system.Pool.Time.CoarseNowMs();

    private static long ToMs(long ticks)
        => Math.Min((ticks / TimeSpan.TicksPerMillisecond) + 1, int.MaxValue) + TimeSource.CoarseSlackMs;

    private static long StampOf(long use, long deadlineMs) => (use >> UseShift << DeadlineBits) | deadlineMs;

    private static long DeadlineOf(long stamp) => stamp & ((1L << DeadlineBits) - 1);
}

/// <summary>The timer that a slot keeps.</summary>
internal sealed class AskDeadline<TReply>(AskSlot<TReply> slot) : TimerEntry
{
    protected override void Fire(ThreadContext thread) => slot.OnTimer();
}

/// <summary>The timer of one ask that cannot use its slot's.</summary>
internal sealed class OwnDeadline<TReply>(AskSlot<TReply> slot, long use) : TimerEntry
{
    protected override void Fire(ThreadContext thread) => slot.TimeOut(use);
}

/// <summary>What an ask needs to know of whom it asks.</summary>
internal interface IAskTarget
{
    ActorPath Path { get; }

    Type MessageType { get; }

    bool IsStopped { get; }

    /// <summary>What the actor has failed with; null if it has not.</summary>
    Exception? Failure { get; }
}

/// <summary>Figures of asks.</summary>
internal static class AskDefaults
{
    public const long PreciseBelowTicks = TimeSpan.TicksPerSecond;
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
}
