// Awaiting anything that is not ours: a Task, a ValueTask, any awaitable. Its awaiter wants a delegate; a coroutine keeps one
// for all such awaits, in a small object that knows which wait it would end.
//
// Cancelling such a wait has no help from the awaited thing: it goes on, and nothing can make its awaiter throw. So the await
// is abandoned: the wake object is cut off (its late call does nothing), and the awaiter that the compiler has kept in the
// state machine is replaced by one of a cancelled task of the same type; the state machine then resumes and throws at
// exactly that await. If the awaited thing has ended by then, its result is taken instead, so that none is lost, and the cancel
// is left for the next await. A task is asked whether it has ended: its call of the delegate may still be on its way. Anything else
// has ended when it has called: before that it may still be at its own end, and must not be given back to be used again. What has
// ended as cancelled has no result to lose, and as a rule it was this cancel, by the coroutine's token or one that is linked to it: the
// coroutine's own cancellation is thrown in its place, once. Abandoning needs awaiters we know how to make cancelled: those of Task and
// ValueTask. For any other the wait is marked as not cancellable, and the cancel is delivered at the next await.
//
// Not abandoned either is the move of an async iterator (await foreach), known by the source behind its ValueTask: an iterator that is
// disposed of in the middle of a move throws, and does not run its finally blocks. A cancel reaches it by the token that it was given.

using Qi.Actors.Platform;

namespace Qi.Actors.Coroutines;

/// <summary>A coroutine's continuation delegate for awaits of other task types.</summary>
internal sealed class ForeignWake
{
    private CoroutineBox? _root;
    private int _epoch;
    private int _firedEpoch;

    public ForeignWake(CoroutineBox root)
    {
        _root = root;
        Action = Fire;
    }

    /// <summary>What is given to the awaiter. Calls of it after <see cref="Abandon"/> do nothing.</summary>
    public Action Action { get; }

    /// <summary>Names the wait to end. Called before registration, by the owner.</summary>
    public void Target(int epoch) => Atomic.Write(ref _epoch, epoch);

    /// <summary>True if the awaited thing has called. Owner.</summary>
    public bool HasFired => Atomic.Read(ref _firedEpoch) == _epoch;

    /// <summary>Cuts the delegate off. Owner.</summary>
    public void Abandon() => Atomic.Write(ref _root, null);

    private void Fire()
    {
        int epoch = Atomic.Read(ref _epoch);
        Atomic.Write(ref _firedEpoch, epoch); // before the wake, so that the turn that it causes sees it
        Atomic.Read(ref _root)?.Wake(epoch);
    }
}

/// <summary>One such await while it is being registered. It has begun, so the coroutine may run elsewhere at any moment.</summary>
internal readonly struct ForeignAwait
{
    private readonly CoroutineBox _root;
    private readonly ForeignWake _wake;
    private readonly SynchronizationContext? _outer;
    private readonly int _epoch;
    private readonly bool _isCancellable;

    /// <summary>Begins the wait. <paramref name="wait"/> is null if the awaiter is of a kind that is not known.</summary>
    public ForeignAwait(CoroutineBox leaf, ForeignWait? wait, bool isMoveOfIterator)
    {
        _outer = SynchronizationContext.Current;
        _root = leaf.Root;
        SynchronizationContext.SetSynchronizationContext(_root.Host.Pool.ForeignContext);
        _wake = _root.EnsureExtras().Foreign ??= new ForeignWake(_root);
        _wake.Target(_root.NextEpoch);
        _isCancellable = wait is not null && !isMoveOfIterator;
        _epoch = _root.BeginWait(leaf, _isCancellable ? WaitKind.Event : WaitKind.Uncancellable, wait);
    }

    /// <summary>What is given to the awaiter.</summary>
    public Action Action => _wake.Action;

    /// <summary>Whatever the awaiter does, it happens without a context to come back to.</summary>
    public void RestoreContext() => SynchronizationContext.SetSynchronizationContext(_outer);

    /// <summary>The awaiter has it.</summary>
    public void Finish()
    {
        if (_isCancellable)
            _root.FinishWait(_epoch);
    }

    /// <summary>
    /// The awaiter has thrown: true if the exception goes to the coroutine, which runs on. False if the wait was ended meanwhile, by
    /// the awaiter itself or by a cancel: the coroutine goes on from there, and the exception is only reported.
    /// </summary>
    public bool TryRetract(Exception exception)
    {
        if (_root.TryRetractWait(_epoch))
        {
            _wake.Abandon();
            _root.EnsureExtras().Foreign = null;
            return true;
        }

        _root.Host.ReportAwaiter(exception);
        return false;
    }
}

/// <summary>What a coroutine waits for when it awaits another task type; one object per kind of awaiter.</summary>
internal abstract class ForeignWait
{
    /// <summary>How the task stands that a suspended frame awaits, and whose awaiter has called or not. After a cancelled one the cancellation must be injected.</summary>
    public abstract (bool HasEnded, bool IsCanceled) Look(CoroutineBox leaf, bool hasFired);

    /// <summary>Makes the pending await of a suspended frame throw when it resumes.</summary>
    public abstract void InjectCancellation(CoroutineBox leaf, OperationCanceledException cancellation);
}

/// <summary>The waits of one awaiter type.</summary>
internal sealed class ForeignWait<TAwaiter> : ForeignWait
{
    /// <summary>The one instance, or null if the awaiter is of a kind that is not known: such a wait cannot be cancelled.</summary>
    public static readonly ForeignWait<TAwaiter>? Instance = KnownAwaiters.IsKnown(typeof(TAwaiter)) ? new() : null;

    public override (bool HasEnded, bool IsCanceled) Look(CoroutineBox leaf, bool hasFired)
    {
        object? task = KnownAwaiters.TaskBehind(leaf.PendingAwaiter(typeof(TAwaiter)));
        bool hasEnded = hasFired || task is Task { IsCompleted: true };
        bool isCanceled = hasEnded && KnownAwaiters.IsCanceled(task);
        if (isCanceled && task is not Task)
            KnownAwaiters.TakeResult(task!); // nobody else will, and the source is used again after that
        return (hasEnded, isCanceled);
    }

    public override void InjectCancellation(CoroutineBox leaf, OperationCanceledException cancellation)
        => leaf.ReplaceAwaiters((TAwaiter)KnownAwaiters.MakeCancelled(typeof(TAwaiter), cancellation.CancellationToken));
}
