// An actor's life: started hook, messages, stopping hook, (drain), stopped hook, end. A failure of a handler or of the
// started hook leads to the same end, without a drain, and faults Completion.

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

internal abstract partial class ActorCell<TMessage>
{
    public sealed override Task StopAsync(StopMode mode = StopMode.Drain, CancellationToken cancellationToken = default)
    {
        if (mode is not (StopMode.Drain or StopMode.Now))
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "Use Drain or Now.");
        var ended = Extras.Completion.Task;
        RequestStop(mode);
        return WaitForEnd(ended, cancellationToken);
    }

    public sealed override void Complete()
    {
        if ((Atomic.Or(ref Word, ClosedFlag) & ClosedFlag) == 0)
            Push(new StopRequest(StopMode.Drain, null));
    }

    public sealed override void Fault(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        if (IsStopped)
            return;
        Set(ClosedFlag);
        Push(new StopRequest(StopMode.Now, exception));
    }

    public void RequestStop(StopMode mode)
    {
        if (IsStopped)
            return;
        Set(ClosedFlag);
        Push(new StopRequest(mode, null));
    }

    public void Abandon()
        => Extras.Completion.TrySetException(new OperationCanceledException($"The system {System.Name} stopped before {Path} did. Raise ShutdownTimeout, or stop the actor first."));

    /// <summary>Messages that wait, about: for the report of a stop that ran out of time.</summary>
    public int CountWaiting() => MailboxCount ?? (IsStopped || Mailbox.IsIdle ? 0 : Mailbox.CountAbout());

    private static async Task WaitForEnd(Task ended, CancellationToken cancellationToken)
        => await ended.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    // Owner: from now on the actor ends.
    private void RequestEnd(StopMode mode, Exception? failure)
    {
        var extras = Extras;
        if (mode == StopMode.Now)
            extras.StopMode = StopMode.Now;
        extras.Failure ??= failure;
        if (!Has(EndingFlag))
        {
            Set(ClosedFlag | EndingFlag);
            RefuseRoom();
        }

        if (mode == StopMode.Now)
            extras.Stopping?.Cancel();
    }

    // Owner, before each message of a slow turn: the next step of the actor's life, if one is due.
    private Life AdvanceLife()
    {
        if (Has(NotStartedFlag))
        {
            Clear(NotStartedFlag);
            RunHook(PendingKind.Started);
            return Life.Again;
        }

        if (!Has(EndingFlag))
            return Life.HandleMessage;
        var extras = Extras;
        if (!extras.HasStoppingRun)
        {
            extras.HasStoppingRun = true;
            RunHook(PendingKind.Stopping);
            return Life.Again;
        }

        if (extras.StopMode == StopMode.Drain && HasMessages())
            return Life.HandleMessage;
        if (extras.InFlight > 0)
            return SystemMessages.TryHold() ? Life.Held : Life.Again;
        if (!extras.HasStoppedRun)
        {
            extras.HasStoppedRun = true;
            RunHook(PendingKind.Stopped);
            return Life.Again;
        }

        Conclude(extras);
        return Life.Again;
    }

    private void RunHook(PendingKind kind)
    {
        try
        {
            var task = kind switch
            {
                PendingKind.Started => Behaviour.Started(),
                PendingKind.Stopping => Behaviour.Stopping(),
                _ => Behaviour.Stopped(),
            };
            if (task.IsCompleted)
                task.GetAwaiter().GetResult();
            else
                BeginPending(task, kind, default);
        }
        catch (Exception e)
        {
            FailHook(kind, e);
        }
    }

    private void FinishHook(ValueTask task, PendingKind kind)
    {
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            FailHook(kind, e);
        }
    }

    private void FailHook(PendingKind kind, Exception exception)
    {
        ActorLog.HookFailed(System.Logger, Path, kind.ToString(), exception);
        RequestEnd(StopMode.Now, exception);
    }

    // True unless the first node is spent and the last: then, and only then, everything accepted so far was handled.
    private bool HasMessages()
    {
        if (Has(HasQueueFlag) && Extras.Queue!.Count > 0)
            return true;
        var node = Mailbox.First;
        while (node.Context is not null)
        {
            if (Mailbox.IsLast(node))
                return false;
            if (Atomic.Read(ref node.Next) is not { } next)
                return true; // A sender stands in between: what it sends is accepted.
            Mailbox.SetFirst(next);
            Release(node, ThreadContext.Instance);
            node = next;
        }

        return true;
    }

    private void Conclude(CellExtras<TMessage> extras)
    {
        var thread = ThreadContext.Instance;
        while (HasMessages() && TakeMessage(thread, out var message) == Taken.Message)
            Bury(message, DeadLetterReason.Stopped);
        RefuseRoom();
        Set(StoppedFlag);
        System.Forget(this, extras.Name, thread);
        Behaviour.Ended(extras.Failure);
        if (extras.Failure is { } failure)
        {
            extras.Completion.TrySetException(failure);
            _ = extras.Completion.Task.Exception; // It was logged: an unawaited Completion is no unobserved failure.
        }
        else
        {
            extras.Completion.TrySetResult();
        }
    }

    private void RefuseRoom()
    {
        if (Extras.Queue?.Room is not { } room)
            return;
        foreach (var waiter in room.TakeAll())
            Refuse(waiter);
    }

    private void Refuse(RoomWaiter<TMessage> waiter)
    {
        try
        {
            waiter.Refused();
        }
        catch (Exception e)
        {
            ActorLog.OfferFailed(System.Logger, Path, e);
        }
    }

    private enum Life
    {
        /// <summary>Nothing is due: a message may be handled.</summary>
        HandleMessage,

        /// <summary>A step was taken: look again.</summary>
        Again,

        /// <summary>The turn has ended: a system message will schedule the next one.</summary>
        Held,
    }
}
