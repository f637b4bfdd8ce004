// An actor's life: started hook, messages, stopping hook, (drain), stopped hook, end. A failure of a handler or of the
// started hook leads to the same end, without a drain, and faults Completion.

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

internal abstract partial class ActorCell<TMessage>
{
    /// <summary>The source of Completion, completed if the actor has stopped already.</summary>
    private TaskCompletionSource CompletionSource
    {
        get
        {
            var source = Extras.Completion;
            if (IsStopped)
                Settle(source); // The owner may have looked for a source before this one was made: then this is what settles it.
            return source;
        }
    }

    public sealed override Task StopAsync(StopMode mode = StopMode.Drain, CancellationToken cancellationToken = default)
    {
        if (mode is not (StopMode.Drain or StopMode.Now))
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "Use Drain or Now.");
        var ended = Completion;
        RequestStop(mode);
        return WaitForEnd(ended, cancellationToken);
    }

    public sealed override void Complete() => RequestStop(StopMode.Drain);

    public sealed override void Fault(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        if (IsStopped)
            return;
        Extras.NoteFailure(exception);
        RequestStop(StopMode.Now);
    }

    public void RequestStop(StopMode mode)
    {
        int flags = ClosedFlag | StopRequestedFlag | (mode == StopMode.Now ? StopNowFlag : 0);
        if ((Atomic.Read(ref Word) & (StoppedFlag | flags)) is var seen && ((seen & StoppedFlag) != 0 || seen == flags))
            return; // It has stopped, or was asked for the same and has not looked yet.
        Set(flags);
        Wake();
    }

    public void Abandon()
    {
        var source = Extras.Completion;
        if (source.TrySetException(new OperationCanceledException($"The system {System.Name} stopped before {Path} did. Raise ShutdownTimeout, or stop the actor first.")))
            _ = source.Task.Exception; // The stop reports it: an unawaited Completion is no unobserved failure.
    }

    /// <summary>Messages that wait, about: for the report of a stop that ran out of time.</summary>
    public int CountWaiting() => MailboxCount ?? (IsStopped || Mailbox.IsIdle ? 0 : Mailbox.CountAbout());

    public bool IsAwaiting => HasLife(LifeMarks.Pending) || Atomic.Read(ref _extras) is { InFlight: > 0 };

    private static async Task WaitForEnd(Task ended, CancellationToken cancellationToken)
    {
        await ended.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (!ended.IsCompleted)
            cancellationToken.ThrowIfCancellationRequested();
    }

    // The first turn: the mailbox gets a first node in place of its start mark. False while the first sender has not linked its own.
    private bool TryFindFirst(ThreadContext thread)
    {
        var poke = RentPoke(thread);
        bool isThere = Mailbox.TryReplaceStart(poke, out bool isUsed);
        if (!isUsed)
            Release(poke, thread);
        if (isThere)
            ClearLife(LifeMarks.Fresh);
        return isThere;
    }

    // Owner: a stop was asked for.
    private void BeginEnd()
    {
        bool isFirst = !Has(StoppedFlag) && !HasLife(LifeMarks.Ending);
        if (isFirst)
            SetLife(LifeMarks.Ending);
        Clear(StopRequestedFlag); // a full fence between Ending and the look at extras.Stopping; pairs with EnsureStopping in StoppingToken
        if (Has(StoppedFlag))
            return;
        if (isFirst)
            RefuseRoom();

        if (Has(StopNowFlag) && Atomic.Read(ref _extras)?.Stopping is { } stopping)
            CancelStopping(stopping);
    }

    // What is registered with the token is user code.
    private void CancelStopping(CancellationTokenSource stopping)
    {
        try
        {
            stopping.Cancel();
        }
        catch (Exception e)
        {
            ActorLog.HookFailed(System.Logger, Path, nameof(StoppingToken), e);
            FailNow(e);
        }
    }

    internal sealed override Exception? NotedFailure => Atomic.Read(ref _extras)?.Failure;

    // Owner: user code has thrown.
    private void FailNow(Exception failure)
    {
        Extras.NoteFailure(failure);
        Set(ClosedFlag | StopNowFlag | StopRequestedFlag);
    }

    // Owner, before each message of a slow turn: the next step of the actor's life, if one is due.
    private Life AdvanceLife()
    {
        if (HasLife(LifeMarks.NotStarted))
        {
            ClearLife(LifeMarks.NotStarted);
            RunHook(PendingKind.Started);
            return Life.Again;
        }

        if (!HasLife(LifeMarks.Ending))
            return Life.HandleMessage;
        if (!HasLife(LifeMarks.StoppingRun))
        {
            SetLife(LifeMarks.StoppingRun);
            RunHook(PendingKind.Stopping);
            return Life.Again;
        }

        if (!Has(StopNowFlag) && !HasLife(LifeMarks.StoppedRun) && HasMessages())
            return Life.HandleMessage; // What comes after the stopped hook was called is buried.
        if (Atomic.Read(ref _extras) is { InFlight: > 0 })
            return TryHold() ? Life.Held : Life.Again;
        if (!HasLife(LifeMarks.StoppedRun))
        {
            SetLife(LifeMarks.StoppedRun);
            RunHook(PendingKind.Stopped);
            return Life.Again;
        }

        return TryConclude() ? Life.Again : Life.Gap;
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

    private protected void FailHook(PendingKind kind, Exception exception)
    {
        ActorLog.HookFailed(System.Logger, Path, kind.ToString(), exception);
        FailNow(exception);
    }

    // The actor is on its way to its end: its turns may end, but its mailbox must not become idle, because nobody would wake it.
    private bool IsEnding => HasLife(LifeMarks.Ending) && !Has(StoppedFlag);

    // True unless the first node is spent and the last: then, and only then, everything accepted so far was handled.
    private bool HasMessages()
    {
        if (Has(HasQueueFlag) && Extras.Queue!.Count > 0)
            return true;
        var node = Mailbox.First;
        while (IsSpent(node))
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

    // A run is spent when it was closed at its end.
    private protected static bool IsSpent(MessageNode node)
    {
        if (node.Context is null && Runs.IsRun<TMessage>(node) && Runs.IsAtEnd<TMessage>(node) && Runs.TryClose<TMessage>(node))
            node.Context = Spent;
        return node.Context is not null;
    }

    private enum Life
    {
        /// <summary>Nothing is due: a message may be handled.</summary>
        HandleMessage,

        /// <summary>A step was taken: look again.</summary>
        Again,

        /// <summary>The turn has ended: a system message will schedule the next one.</summary>
        Held,

        /// <summary>The turn must end, and be tried again: a sender has not linked its node yet.</summary>
        Gap,
    }
}
