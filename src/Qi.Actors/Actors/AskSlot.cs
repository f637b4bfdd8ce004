// A pending ask: where the reply arrives. Slots are pooled, so a steady stream of asks allocates nothing.
//
// _state packs a use number, a phase and how the asker waits:
//
//            asker                    winner: reply, failure, deadline or cancel, whoever is first
//   Done ──▶ Waiting ────────────────(compare-exchange)──▶ Claimed ──(writes the outcome)──▶ Done
//               └─▶ Waiting+Parked ──(the root's wait word)──────────(writes the outcome)──▶ Done
//
// A1: the outcome is written by the winner only, once in each use. Without Parked the winner is who moves Waiting to Claimed. With
//     Parked it is who ends the root's wait, so that one compare-exchange decides and wakes: from then until it schedules the root the
//     winner owns the root (WaitWord W4), and the asker cannot run.
// A2: a use has a number, and a winner must name it: a late reply finds another one. It ends when the asker takes the outcome: then the
//     state is Done under the next number. 60 bits: they do not come round again.
// A3: who finds Parked reads _root and _epoch and then the state again. If that has not changed, the two are of this use: the asker
//     writes them after a full fence (A4) behind state := Waiting, so who read a newer one would find a newer state. If the use ends after
//     that look, its wait has ended too, and no later wait of that root has its epoch (W3).
// A4: the asker's steps: state := Waiting; tell (a full fence); write _root and _epoch, publish the wait, state := Parked by
//     compare-exchange (a full fence); look whether the coroutine was cancelled. That last look pairs with CoroutineBox.Cancel.
// A5: Listening: somebody else than a coroutine awaits; then the core runs the continuation, once, after Done was written.
// A6: a slot returns to its pool only from GetResult, which the asker calls once, or from a question that throws before anyone has
//     won; an asker that never takes the result leaves the slot to the collector.
//
// Written by the asker: _target, _timeoutTicks, _root, _epoch, _registration, _core's registration. By the winner:
// _reply, _failure.
//
// This file: the ask, and who wins. AskSlot.Wait.cs: the asker's side. AskSlot.Deadline.cs: the deadline. AskSlot.Pool.cs: where free slots are.

using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>A pooled reply slot.</summary>
internal sealed partial class AskSlot<TReply> : PendingDeadline, IValueTaskSource<TReply>
{
    private const long PhaseMask = 3;
    private const long Waiting = 1;
    private const long Claimed = 2;
    private const long Done = 3;
    private const long Parked = 1 << 2;
    private const long Listening = 1 << 3;
    private const long FlagMask = 15;
    private const int UseShift = 4;
    private const long OneUse = 1 << UseShift;

    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _registration;
    private readonly ActorSystem _system;
    private IAskTarget? _target;
    private CoroutineBox? _root;
    private ExceptionDispatchInfo? _failure;
    private TReply? _reply;
    private long _state = OneUse | Done; // _stamp is of no use yet
    private long _timeoutTicks;
    private int _epoch;
    private bool _isCoreUsed;
    private bool _isCancellable;

    private AskSlot(ActorSystem system)
    {
        _system = system;
        AskWait<TReply>.Register();
    }

    /// <summary>Asks an actor.</summary>
    public static ValueTask<TReply> Ask<TMessage, TQuestion>(
        ActorRef<TMessage> actor,
        TQuestion question,
        TimeSpan timeout,
        CancellationToken cancellationToken)
        where TQuestion : struct, IQuestion<TMessage, TReply>
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<TReply>(cancellationToken);
        var thread = ThreadContext.Instance;
        var system = actor.OwnerSystem;
        var slot = Rent(system, thread);
        slot._target = actor;
        slot._timeoutTicks = timeout.Ticks;
        long use = slot._state & ~FlagMask;
        bool isFixedLate = slot.IsFixedLate(thread);
        if (!isFixedLate)
            slot.Stamp(use);
        Atomic.Write(ref slot._state, use | Waiting); // D1
        TMessage message;
        try
        {
            message = question.Make(new ReplyTo<TReply>(slot, use));
        }
        catch
        {
            slot.Withdraw(use);
            throw;
        }

        var status = actor.TryTellQuestion(message, thread); // D2
        if (status is TellStatus.Full or TellStatus.Stopped)
            slot.TryFail(use, new AskRefusedException(actor.Path, typeof(TMessage), status));
        else if (!isFixedLate || !slot.TryList(system.Pool, thread)) // D3
            slot.ArmNow(use, isStamped: !isFixedLate);
        if (cancellationToken.CanBeCanceled)
            slot.ObserveCancellation(use, cancellationToken);
        if (system.Pool.IsStopping) // No dispatcher answers or times out any more; one that has just ended has fired its timers.
            slot.TryFail(use, new AskRefusedException(actor.Path, typeof(TMessage), TellStatus.Stopped));
        return new ValueTask<TReply>(slot, TokenOf(use));
    }

    /// <summary>The reply. False if this use is over; the reply became a dead letter.</summary>
    public bool TryReply(long use, TReply reply)
    {
        if (TryWin(use, out var root))
        {
            _reply = reply;
            Conclude(use, root);
            return true;
        }

        _system.DeadLetters.Add(default, reply, DeadLetterReason.LateReply);
        return false;
    }

    /// <summary>The failure instead of a reply. False if this use is over.</summary>
    public bool TryFail(long use, Exception failure)
    {
        if (!TryWin(use, out var root))
            return false;
        _failure = ExceptionDispatchInfo.Capture(failure);
        Conclude(use, root);
        return true;
    }

    // A1 to A3. With a root, the caller owns it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryWin(long use, out CoroutineBox? root)
    {
        long seen = Atomic.Read(ref _state);
        if (seen != (use | Waiting | Parked))
            return TryClaim(use, seen, out root);
        root = Atomic.Read(ref _root);
        int epoch = Atomic.Read(ref _epoch);
        return Atomic.Read(ref _state) == seen && root!.TryTakeWait(epoch);
    }

    private bool TryClaim(long use, long seen, out CoroutineBox? root)
    {
        root = null;
        while ((seen & ~Listening) == (use | Waiting))
        {
            long before = Atomic.CompareExchange(ref _state, seen + (Claimed - Waiting), seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return seen == (use | Waiting | Parked) && TryWin(use, out root); // It has parked meanwhile, and does so once.
    }

    // The outcome is written. Nothing of the slot may be touched once the asker may run.
    private void Conclude(long use, CoroutineBox? root)
    {
        if (root is not null)
        {
            Atomic.Write(ref _state, use | Done);
            root.ScheduleTaken();
            return;
        }

        // Claimed: the use cannot end before this exchange, so _root and _epoch are this use's if it has parked.
        while (true)
        {
            long seen = Atomic.Read(ref _state);
            root = _root;
            int epoch = _epoch;
            if (Atomic.CompareExchange(ref _state, use | Done | (seen & Listening), seen) != seen)
                continue;
            if ((seen & Parked) != 0)
                root!.Wake(epoch);
            else if ((seen & Listening) != 0)
                _core.SetResult(true);
            return;
        }
    }

    // The question has thrown. Should its reply address have got out, and somebody have answered, the slot is left to them.
    private void Withdraw(long use)
    {
        if (!TryWin(use, out _))
            return;
        Atomic.Write(ref _state, use | Done);
        Recycle();
    }

    private void ObserveCancellation(long use, CancellationToken cancellationToken)
    {
        _isCancellable = true;
        _registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (slot, use) = ((AskSlot<TReply>, long))state!;
                slot.TryFail(use, new OperationCanceledException(token));
            },
            (this, use));
    }
}
