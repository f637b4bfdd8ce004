// A turn of a coroutine: the run loop continues the innermost frame and then whatever frame comes next in the same turn, a
// callee that was just awaited or a caller whose callee has ended. At most one frame is on the stack at any time: a call does
// not nest, it hands over (ThreadContext.Continuation). So neither recursion nor a chain of completions grows the stack, and a
// suspension has nothing to unwind.

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Coroutines;

internal abstract partial class CoroutineBox
{
    /// <summary>A frame of <paramref name="root"/> awaits this cold box: it runs next, in the same turn, and the caller after it (B1).</summary>
    public void CallFrom(CoroutineBox root, CoroutineBox caller, ThreadContext thread)
    {
        _link = root;
        SetHost(root.Host);
        _continuation = caller;
        _wait = new WaitWord(_wait).To(WaitState.Running).Value;
        var context = ExecutionContext.Capture();
        if (!ReferenceEquals(context, AmbientContext.Default))
            EnsureExtras().Context = context; // the caller's, to go back to: what the callee changes stays with the callee
        if (thread.BudgetLeft-- > 0)
            thread.Continuation = this;
        else
            root.SuspendForYield(this, thread); // calls alone must not keep the dispatcher from others either
    }

    internal sealed override void Run(ThreadContext thread)
    {
        var seen = new WaitWord(_wait);
        bool isFirst = seen.State == WaitState.Fresh;
        Atomic.Write(ref _wait, seen.To(WaitState.Running).Value);
        thread.Coroutine = this;
        thread.IsYielding = false;
        var host = Host;
        thread.BudgetLeft = host.Pool.Settings.TurnBudgetMessages;
        if (_home is CoroutineExtras { Context: { } context } extras)
        {
            AmbientContext.Switch(context);
            extras.Context = null;
        }

        if (isFirst && host.IsCancelling && (Word & InProgressFlag) == 0)
            CancelForStop();
        RunItem? frame = _link;
        if ((Word & CancelFlag) != 0)
        {
            if (!PrepareCancelledTurn(isFirst))
                frame = null;
        }
        else if (_outcome is ReceiveWait wait && !TryEndReceive(wait))
        {
            SuspendForMessage(_link!, thread, wait);
            frame = null;
        }

        while (frame is not null)
        {
            thread.Continuation = null;
            Unsafe.As<CoroutineBox>(frame).MoveNext();
            frame = thread.Continuation;
        }

        // After a suspension that is no yield the box belongs to its waker: nothing of it may be touched here.
        thread.Coroutine = null;
        if (thread.IsYielding)
            host.Pool.ScheduleYielded(this, thread);
    }

    // A cancel has come before this turn. Not started yet: it ends without ever running. Else the await it comes back to throws,
    // or the next one if what it waited for has ended meanwhile.
    private bool PrepareCancelledTurn(bool isFirst)
    {
        if (isFirst)
        {
            Fail(NewCancellation());
            return false;
        }

        if (_outcome is ForeignWait foreign)
            EndForeignWait(foreign);
        return true;
    }

    // Its delegate is cut off, for it may still be called, and must not end a later wait.
    private void EndForeignWait(ForeignWait wait)
    {
        var (hasEnded, isCanceled) = wait.Look(_link!, Extras!.Foreign!.HasFired);
        Extras.Foreign.Abandon();
        Extras.Foreign = null;
        if (!hasEnded || isCanceled)
        {
            TakeCancel();
            wait.InjectCancellation(_link!, NewCancellation());
        }
    }
}
