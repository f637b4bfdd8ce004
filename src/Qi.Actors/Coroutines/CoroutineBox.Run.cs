using System.Runtime.CompilerServices;

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Coroutines;

internal abstract partial class CoroutineBox
{
    /// <summary>Starts a cold frame on the caller's stack, within the turn of the root that awaits it.</summary>
    public void StartFrame(CoroutineBox root, ThreadContext thread)
    {
        _link = root;
        _host = root._host;
        _wait = new WaitWord(_wait).To(WaitState.Running).Value;
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            // The stack is nearly used up: the callers suspend, and this frame starts on a fresh stack in the next turn.
            var context = ExecutionContext.Capture();
            if (!ReferenceEquals(context, AmbientContext.Default))
                EnsureExtras().Context = context;
            root.SuspendForYield(this, thread);
            return;
        }

        var callerContext = ExecutionContext.Capture();
        thread.FrameDepth++;
        MoveNext();
        thread.FrameDepth--;
        if (ReferenceEquals(callerContext, AmbientContext.Default) && ReferenceEquals(ExecutionContext.Capture(), callerContext))
            return;

        // What the callee changed in its AsyncLocals stays with the callee.
        if (!IsDone)
            EnsureExtras().Context = callerContext;
        AmbientContext.Switch(callerContext);
    }

    /// <summary>The frame's caller goes on when the frame has ended (B1).</summary>
    public void ContinueWith(CoroutineBox caller) => _continuation = caller;

    internal sealed override void Run(ThreadContext thread)
    {
        bool isFirst = (Word & StartedFlag) == 0;
        if (isFirst)
            Atomic.Or(ref Word, StartedFlag);
        Atomic.Write(ref _wait, new WaitWord(_wait).To(WaitState.Running).Value);
        thread.Coroutine = this;
        thread.Suspension = NoSuspension;
        thread.BudgetLeft = _host!.Pool.Settings.TurnBudgetMessages;
        if (_extras is { Context: { } context })
        {
            AmbientContext.Switch(context);
            _extras.Context = null;
        }

        RunItem? frame = _link;
        if ((Word & CancelFlag) != 0)
        {
            if (!PrepareCancelledTurn(isFirst))
                frame = null;
        }
        else if (_outcome is ReceiveWait wait && !TryEndReceive(wait))
        {
            thread.FrameDepth = 1;
            SuspendForMessage(_link!, thread, wait);
            frame = null;
        }

        while (frame is not null)
        {
            thread.FrameDepth = 1;
            thread.Continuation = null;
            Unsafe.As<CoroutineBox>(frame).MoveNext();
            frame = thread.Continuation;
        }

        thread.Continuation = null;
        thread.Coroutine = null;
        if (thread.Suspension != NoSuspension)
            Settle(thread);
    }

    // The stack has unwound. After a suspension that has published Waiting already the box belongs to its waker.
    private void Settle(ThreadContext thread)
    {
        switch (thread.Suspension)
        {
            case Yielding:
                _host!.Pool.ScheduleLast(this, thread);
                break;
            case Unwinding:
                if (!WaitWord.TrySettle(ref _wait, new WaitWord(thread.SuspensionWord)))
                {
                    Atomic.Write(ref _wait, new WaitWord(_wait).To(WaitState.Ready).Value);
                    _host!.Pool.Schedule(this, thread);
                }

                break;
            default:
                break;
        }
    }

    // A cancel has come before this turn. Not started yet: it ends without ever running. Else the await it comes back to throws.
    private bool PrepareCancelledTurn(bool isFirst)
    {
        if (isFirst)
        {
            Fail(NewCancellation());
            return false;
        }

        if (_outcome is ForeignWait foreign && TakeCancel())
        {
            _extras!.Foreign!.Abandon();
            _extras.Foreign = null;
            foreign.InjectCancellation(_link!, NewCancellation());
        }

        return true;
    }
}
