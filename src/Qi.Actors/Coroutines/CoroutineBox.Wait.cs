// Suspension and wake-up. A suspension has three steps, always in this order:
//
//   1  BeginWait: note where to go on (_link), what for (_outcome), the execution context; publish the wait with a new epoch
//   2  register (root, epoch) with whatever will end the wait
//   3  FinishWait: a full fence, then look once more at what may have come meanwhile (cancel, permit, message)
//
// From step 1 on the root may already run elsewhere: only Wake with the epoch may be called on it, and its flags looked at. The
// thread that suspends has nothing of it on its stack but the return out of MoveNext (CoroutineBox.Run.cs).
//
// Step 3 pairs with Cancel, Resume and Tell: each sets its flag or message (a full fence) and then looks at the word. So
// either they see the wait, or step 3 sees what they left. The wait that they see may be a later one than that which their
// flag ended: so they look at the flag again, which only the owner takes, and not while it waits. Still set, it is for this wait.
// (A message needs no such look: a turn that finds none goes back to waiting.)

using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Coroutines;

internal abstract partial class CoroutineBox
{
    /// <summary>True if a cancel has come and no await has thrown for it yet.</summary>
    public bool IsCancelPending => (Atomic.Read(ref Word) & CancelFlag) != 0;

    /// <summary>What the current wait is for; set by its awaiter before the wait is published.</summary>
    public object? WaitObject => _outcome;

    /// <summary>The epoch that the next wait will have. Owner.</summary>
    public int NextEpoch => new WaitWord(_wait).NextWait(WaitKind.Event).Epoch;

    /// <summary>Step 1 for a root: returns the epoch to register.</summary>
    public int BeginWait(CoroutineBox leaf, WaitKind kind, object? waitObject)
    {
        if (Slot < 0)
            Host.Register(this);
        _link = leaf;
        _outcome = waitObject;
        var context = ExecutionContext.Capture();
        if (!ReferenceEquals(context, AmbientContext.Default))
            EnsureExtras().Context = context;
        var word = new WaitWord(_wait).NextWait(kind);
        Atomic.Write(ref _wait, word.Value);
        return word.Epoch;
    }

    /// <summary>Step 3: anything that came between the last look and the publication ends the wait now.</summary>
    public void FinishWait(int epoch)
    {
        Atomic.Fence();
        if ((Atomic.Read(ref Word) & CancelFlag) != 0)
            Wake(epoch);
    }

    /// <summary>The root lets others run and goes on with <paramref name="leaf"/> in a later turn.</summary>
    public void SuspendForYield(CoroutineBox leaf, ThreadContext thread)
    {
        if (Slot < 0)
            Host.Register(this);
        _link = leaf;
        _outcome = null;
        var context = ExecutionContext.Capture();
        if (!ReferenceEquals(context, AmbientContext.Default))
            EnsureExtras().Context = context;
        Atomic.Write(ref _wait, new WaitWord(_wait).To(WaitState.Ready).Value);
        thread.IsYielding = true;
    }

    /// <summary>Ends the wait with this epoch, if it still lasts. Any thread. True if this call ended it.</summary>
    public bool Wake(int epoch)
    {
        if (!WaitWord.TryWake(ref _wait, epoch))
            return false;
        Host.Pool.Schedule(this);
        return true;
    }

    /// <summary>
    /// Ends the wait with this epoch as <see cref="Wake"/> does, but for the turn: the caller owns the root, leaves what it has for it, and
    /// then calls <see cref="ScheduleTaken"/> (W4). False if it has ended already. Any thread.
    /// </summary>
    public bool TryTakeWait(int epoch) => WaitWord.TryWake(ref _wait, epoch);

    /// <summary>Schedules the root whose wait the caller has taken.</summary>
    public void ScheduleTaken() => Host.Pool.Schedule(this);

    /// <summary>
    /// The registration of the wait with this epoch has thrown. True if the wait is taken back and the caller goes on; false if it
    /// was ended meanwhile, so that the coroutine may run elsewhere already. Owner.
    /// </summary>
    public bool TryRetractWait(int epoch) => WaitWord.TryRetract(ref _wait, epoch);

    /// <summary>Requests cancellation: the current or next await throws, once. False if the coroutine has ended. Any thread.</summary>
    public bool Cancel()
    {
        if (IsDone)
            return false;
        Atomic.Or(ref Word, CancelFlag);
        if (Extras?.Cancellation is { } source)
            CancelToken(source);
        var seen = WaitWord.Load(ref _wait);
        if (seen.State == WaitState.Waiting && IsCancelPending)
            EndByCancel(seen);
        return !seen.IsDone;
    }

    /// <summary>
    /// Step 3 for a wait of kind Operation: a cancel that came before its publication reaches what it waits for. The full fence is the caller's: step 2 is an exchange.
    /// </summary>
    public void FinishOperationWait(ICancellableWait wait, int epoch)
    {
        if (IsCancelPending)
            wait.CancelWait(this, epoch);
    }

    private void EndByCancel(WaitWord seen)
    {
        if (seen.Kind == WaitKind.Operation)
            (_outcome as ICancellableWait)?.CancelWait(this, seen.Epoch);
        else if (seen.Kind != WaitKind.Uncancellable)
            Wake(seen.Epoch);
    }

    /// <summary>Sends the resume message: ends the current suspension, or is kept for the next one. Any thread.</summary>
    public void Resume()
    {
        Atomic.Or(ref Word, PermitFlag);
        var seen = WaitWord.Load(ref _wait);
        if (seen.State == WaitState.Waiting && seen.Kind == WaitKind.Suspend && (Atomic.Read(ref Word) & PermitFlag) != 0)
            Wake(seen.Epoch);
    }

    /// <summary>Takes the kept resume message, if there is one. Owner.</summary>
    public bool TryTakePermit()
        => (Atomic.Read(ref Word) & PermitFlag) != 0 && (Atomic.And(ref Word, ~PermitFlag) & PermitFlag) != 0;

    /// <summary>Suspends until <see cref="Resume"/>. Owner.</summary>
    public void SuspendForResume(CoroutineBox leaf, ThreadContext thread)
    {
        int epoch = BeginWait(leaf, WaitKind.Suspend, null);
        Atomic.Fence();
        if ((Atomic.Read(ref Word) & (PermitFlag | CancelFlag)) != 0)
            Wake(epoch);
    }

    /// <summary>Delivers a message to the inbox and ends a wait for such a message. Any thread. False if the coroutine has ended.</summary>
    public bool Tell<T>(T message)
    {
        if (IsDone)
            return false;
        EnsureExtras().EnsureInbox().Push(MessageNode.Rent(message, ThreadContext.Instance.Nodes));
        var seen = WaitWord.Load(ref _wait);
        if (seen.State == WaitState.Waiting
            && seen.Kind == WaitKind.Receive
            && _outcome is ReceiveWait wait
            && (typeof(T).IsValueType ? wait.AcceptsValue(typeof(T)) : wait.AcceptsReference(message!)))
        {
            Wake(seen.Epoch);
        }

        return true;
    }

    /// <summary>Takes the oldest message that <paramref name="wait"/> accepts, if there is one. Owner.</summary>
    public MessageNode? TryTakeMessage(ReceiveWait wait)
        => Extras is { } extras && Atomic.Read(ref extras.Inbox) is { } inbox ? inbox.TryTake(wait) : null;

    /// <summary>Suspends until a message arrives that <paramref name="wait"/> accepts. Owner.</summary>
    public void SuspendForMessage(CoroutineBox leaf, ThreadContext thread, ReceiveWait wait)
    {
        // The turn's budget was spent, or a spurious turn has just looked: what is there already needs no wait.
        if (TryTakeMessage(wait) is { } node)
        {
            SuspendForYield(leaf, thread);
            _outcome = node;
            return;
        }

        // Armed before the wait is published, since after it another thread may re-arm it; should it fire before, IsTimedOut tells.
        wait.ArmTimeout(this, NextEpoch);
        int epoch = BeginWait(leaf, WaitKind.Receive, wait);
        Atomic.Fence();

        // Pushed before its sender could see the wait: any arrival will do, for the turn that follows looks whether it matches.
        bool hasArrivals = Extras is { } extras && Atomic.Read(ref extras.Inbox) is { HasArrivals: true };
        if (hasArrivals || wait.IsTimedOut || (Atomic.Read(ref Word) & CancelFlag) != 0)
            Wake(epoch);
    }

    // A turn after a receive: true if the wait is over, with the message (or nothing, on a time-out) as the wait's outcome.
    private bool TryEndReceive(ReceiveWait wait)
    {
        var node = TryTakeMessage(wait);
        if (node is null && !wait.IsTimedOut)
            return false;
        _outcome = node;
        wait.DisarmTimeout();
        return true;
    }

    /// <summary>If a cancel has come, takes it and throws: called where an await comes back. Owner.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ThrowIfCancelled()
    {
        if ((Word & CancelFlag) != 0 && TakeCancel())
            throw NewCancellation();
    }

    /// <summary>The token that <see cref="Cancel"/> cancels, made on first use.</summary>
    public CancellationToken CancellationToken
    {
        get
        {
            var source = EnsureExtras().EnsureCancellation();
            if ((Atomic.Read(ref Word) & CancelFlag) != 0)
                source.Cancel();
            return source.Token;
        }
    }

    /// <summary>True if it is this coroutine's own token.</summary>
    public bool IsOwn(CancellationToken token) => Extras?.Cancellation is { } source && source.Token == token;

    // Before the wake, so that whoever catches the cancellation finds the token cancelled. A callback that throws, and is neither
    // the canceller's nor the coroutine's, must not keep either from going on.
    private void CancelToken(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (Exception e)
        {
            Host.ReportCallback(e);
        }
    }

    private bool TakeCancel() => (Atomic.And(ref Word, ~CancelFlag) & CancelFlag) != 0;

    private OperationCanceledException NewCancellation()
        => new("The coroutine was cancelled.", Extras?.Cancellation?.Token ?? new CancellationToken(canceled: true));
}
