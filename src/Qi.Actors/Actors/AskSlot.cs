// A pending ask: where the reply arrives. Slots are pooled, so a steady stream of asks allocates nothing.
//
// _state packs a use number and a phase; a use goes Free -> Waiting -> Done once, by the compare-exchange of whoever is first:
// the reply, the deadline or the cancel. The use number keeps a late reply from reaching the slot's next asker.
// A1: the value-task core is completed exactly once in each use, by the winner of that compare-exchange.
// A2: a slot returns to a pool only from GetResult, which the asker calls once; an asker that never does leaves it to the GC.
//
// The deadline. A timer for each ask would cost more than the ask. A slot's timer, once armed, stays armed while the slot is
// used again and again; when it fires it compares the use it finds with that use's deadline, and sleeps on for the rest, or
// not at all if the slot is free.
//   asker   D1 deadline := now + timeout; state := Waiting   D2 Tell (a full fence)   D3 no timer armed? arm one (by exchange)
//   timer   D4 armed := 0   D5 fence   D6 state Waiting? then time out, or arm for the rest (by exchange)
// D2 and D5 pair: either D3 sees that the timer is gone, or D6 sees the waiting ask.

using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>A pooled reply slot.</summary>
internal sealed class AskSlot<TReply> : IValueTaskSource<TReply>
{
    private const int PhaseMask = 3;
    private const int Waiting = 1;
    private const int Done = 2;
    private const int OneUse = 4;
    private const int PoolLimit = 256;

    [ThreadStatic]
    private static AskSlot<TReply>? t_free;

    [ThreadStatic]
    private static int t_freeCount;

    private ManualResetValueTaskSourceCore<TReply> _core;
    private AskSlot<TReply>? _nextFree;
    private CancellationTokenRegistration _registration;
    private AskDeadline<TReply>? _timer;
    private ActorSystem? _system;
    private IAskTarget? _target;
    private TimeSpan _timeout;
    private long _deadlineMs;
    private long _armedUntilMs;
    private int _state;
    private int _isArmed;

    /// <summary>Asks an actor.</summary>
    public static ValueTask<TReply> Ask<TMessage>(
        ActorRef<TMessage> actor,
        Func<ReplyTo<TReply>, TMessage> question,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<TReply>(cancellationToken);
        var system = actor.OwnerSystem;
        var slot = Rent(system);
        slot._system = system;
        slot._target = actor;
        slot._timeout = timeout;
        slot._deadlineMs = system.Pool.Time.CoarseNowMs() + (long)Math.Min(Math.Ceiling(timeout.TotalMilliseconds), int.MaxValue) + TimeSource.CoarseSlackMs;
        int use = (slot._state & ~PhaseMask) + OneUse;
        Atomic.Write(ref slot._state, use | Waiting); // D1
        TMessage message;
        try
        {
            message = question(new ReplyTo<TReply>(slot, use));
        }
        catch
        {
            slot._state = use | Done;
            slot.Recycle();
            throw;
        }

        short version = slot._core.Version;
        var status = actor.TryTell(message); // D2
        if (status is TellStatus.Full or TellStatus.Stopped)
            slot.TryFail(use, new AskRefusedException(actor.Path, typeof(TMessage), status));
        else if (timeout < AskDefaults.PreciseBelow || !slot.IsTimed(timeout))
            new OwnDeadline<TReply>(slot, use).Arm(system.Pool, timeout); // too short for the coarse clock, or for the slot's timer
        if (cancellationToken.CanBeCanceled)
            slot.ObserveCancellation(cancellationToken);
        if (system.Pool.IsStopping) // No dispatcher answers or times out any more; one that has just ended has fired its timers.
            slot.TryFail(use, new AskRefusedException(actor.Path, typeof(TMessage), TellStatus.Stopped));
        return new ValueTask<TReply>(slot, version);
    }

    /// <summary>The reply. False if this use is over; the reply became a dead letter.</summary>
    public bool TryReply(int use, TReply reply)
    {
        if (TryWin(use))
        {
            _core.SetResult(reply);
            return true;
        }

        _system!.DeadLetters.Add(default, reply, DeadLetterReason.LateReply);
        return false;
    }

    /// <summary>The failure instead of a reply. False if this use is over.</summary>
    public bool TryFail(int use, Exception failure)
    {
        if (!TryWin(use))
            return false;
        _core.SetException(failure);
        return true;
    }

    public TReply GetResult(short token)
    {
        // A wrong token throws here, before anything of another use is touched.
        bool isCompleted = _core.GetStatus(token) != ValueTaskSourceStatus.Pending;
        if (!isCompleted)
            throw new InvalidOperationException("The reply has not come yet: await the ValueTask that AskAsync returned, once.");
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Recycle();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        // A coroutine's wake only schedules it, so the replier may call it; anybody else's code must not run in the replier's turn.
        _core.RunContinuationsAsynchronously = state is not Action { Target: ForeignWake };
        _core.OnCompleted(continuation, state, token, flags);
    }

    /// <summary>The deadline of a use has passed.</summary>
    public void TimeOut(int use)
    {
        var target = _target;
        var timeout = _timeout;
        if (target is not null)
            TryFail(use, new AskTimeoutException(target.Path, target.MessageType, timeout, target.IsStopped));
    }

    /// <summary>The timer has fired (D4 to D6).</summary>
    public void OnTimer()
    {
        Atomic.Write(ref _armedUntilMs, long.MaxValue); // Not known, should the timer be armed again below: an asker does not rely on it.
        Atomic.Write(ref _isArmed, 0); // D4
        Atomic.Fence(); // D5
        int seen = Atomic.Read(ref _state); // D6
        if ((seen & PhaseMask) != Waiting)
            return;
        long leftMs = Atomic.Read(ref _deadlineMs) - _system!.Pool.Time.CoarseNowMs();
        if (Atomic.Read(ref _state) != seen)
            leftMs = Math.Max(1, leftMs); // Another use by now, whose deadline may or may not have been read: look again.
        if (leftMs > 0 && !_system.Pool.IsStopping)
            TryArm(TimeSpan.FromMilliseconds(leftMs));
        else
            TimeOut(seen & ~PhaseMask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static AskSlot<TReply> Rent(ActorSystem system)
    {
        var slot = t_free;
        if (slot is null)
            return new AskSlot<TReply>();
        t_free = slot._nextFree;
        t_freeCount--;
        slot._nextFree = null;
        return slot._system == system ? slot : new AskSlot<TReply>(); // Its timer may be armed by the clock of another system.
    }

    private void Recycle()
    {
        _registration.Dispose();
        _registration = default;
        _core.Reset();
        _target = null;
        if (t_freeCount >= PoolLimit)
            return;
        _nextFree = t_free;
        t_free = this;
        t_freeCount++;
    }

    private bool TryWin(int use)
        => Atomic.CompareExchange(ref _state, use | Done, use | Waiting) == (use | Waiting);

    // D3: the slot's timer is armed by now, and fires before the deadline or at it. Asker.
    private bool IsTimed(TimeSpan timeout)
        => Atomic.Read(ref _isArmed) == 0 ? TryArm(timeout) : Atomic.Read(ref _armedUntilMs) <= _deadlineMs;

    private bool TryArm(TimeSpan delay)
    {
        if (Atomic.Exchange(ref _isArmed, 1) != 0)
            return false;
        Atomic.Write(ref _armedUntilMs, _system!.Pool.Time.CoarseNowMs() + (long)delay.TotalMilliseconds);
        _timer ??= new AskDeadline<TReply>(this);
        _timer.Arm(_system!.Pool, delay);
        return true;
    }

    private void ObserveCancellation(CancellationToken cancellationToken)
    {
        int use = Atomic.Read(ref _state) & ~PhaseMask;
        _registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (slot, use) = ((AskSlot<TReply>, int))state!;
                slot.TryFail(use, new OperationCanceledException(token));
            },
            (this, use));
    }
}

/// <summary>The timer that a slot keeps.</summary>
internal sealed class AskDeadline<TReply>(AskSlot<TReply> slot) : TimerEntry
{
    protected override void Fire(ThreadContext thread) => slot.OnTimer();
}

/// <summary>The timer of one ask that cannot use its slot's.</summary>
internal sealed class OwnDeadline<TReply>(AskSlot<TReply> slot, int use) : TimerEntry
{
    protected override void Fire(ThreadContext thread) => slot.TimeOut(use);
}

/// <summary>What an ask needs to know of whom it asks.</summary>
internal interface IAskTarget
{
    ActorPath Path { get; }

    Type MessageType { get; }

    bool IsStopped { get; }
}

/// <summary>Figures of asks.</summary>
internal static class AskDefaults
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan PreciseBelow = TimeSpan.FromSeconds(1);
}
