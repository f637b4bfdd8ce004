// The asker's side of a reply slot: a coroutine suspends on it (A3, A4), anybody else gives it a continuation (A5), and whoever awaits
// takes the outcome.

using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

internal sealed partial class AskSlot<TReply>
{
    /// <summary>
    /// Suspends a coroutine until this use is over. False, and nothing has happened, if that is not to be: the source's own checks say why.
    /// Asker.
    /// </summary>
    public bool TrySuspend(CoroutineBox leaf, short token)
    {
        long seen = Atomic.Read(ref _state);
        long use = seen & ~FlagMask;
        if (TokenOf(use) != token || (seen & (Parked | Listening)) != 0)
            return false;
        var root = leaf.Root;
        _root = root;
        _epoch = root.NextEpoch;
        int epoch = root.BeginWait(leaf, WaitKind.Event, null); // from here on a cancel may run the coroutine elsewhere, and end this use
        while (seen == (use | Waiting) || seen == (use | Claimed))
        {
            long before = Atomic.CompareExchange(ref _state, seen | Parked, seen);
            if (before == seen)
            {
                if (root.IsCancelPending)
                    root.Wake(epoch);
                return true;
            }

            seen = before;
        }

        root.Wake(epoch); // the reply has come meanwhile
        return true;
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        long seen = Atomic.Read(ref _state);
        if (TokenOf(seen) != token)
            ThrowNotAwaitedOnce();
        if ((seen & PhaseMask) != Done || ((seen & Listening) != 0 && !IsCoreDone))
            return ValueTaskSourceStatus.Pending;
        if (_failure is not { } failure)
            return ValueTaskSourceStatus.Succeeded;
        return failure.SourceException is OperationCanceledException ? ValueTaskSourceStatus.Canceled : ValueTaskSourceStatus.Faulted;
    }

    public TReply GetResult(short token)
    {
        long seen = Atomic.Read(ref _state);
        if (TokenOf(seen) != token || (seen & (PhaseMask | Listening)) != Done)
            RequireOutcome(seen, token);
        var failure = _failure;
        var reply = _reply;
        Recycle();
        failure?.Throw();
        return reply!;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        long seen = Atomic.Read(ref _state);
        long use = seen & ~FlagMask;
        if (TokenOf(use) != token || (seen & Parked) != 0)
            ThrowNotAwaitedOnce();

        // A coroutine's wake only schedules it, so the replier may call it; anybody else's code must not run in the replier's turn.
        _isCoreUsed = true;
        _core.RunContinuationsAsynchronously = state is not Action { Target: ForeignWake } && _system.Pool.Driver is null;
        bool hasContext = flags.HasFlag(ValueTaskSourceOnCompletedFlags.UseSchedulingContext)
            && (SynchronizationContext.Current is not null || TaskScheduler.Current != TaskScheduler.Default);
        if (_system.Pool.Driver is not null && !hasContext && state is not Action { Target: ForeignWake })
            (continuation, state) = (PostContinuation, (_system.Pool, continuation, state)); // not to the thread pool, which no driver sees
        _core.OnCompleted(continuation, state, _core.Version, flags);
        while (seen == (use | Waiting) || seen == (use | Claimed))
        {
            long before = Atomic.CompareExchange(ref _state, seen | Listening, seen);
            if (before == seen)
                return;
            seen = before;
        }

        if (seen == (use | Done))
            _core.SetResult(true); // the reply has come meanwhile, and its winner saw nobody listening
    }

    // The outcome is taken although it may not be there. It is if the core says so; else the coroutine was cancelled, or nobody has waited.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RequireOutcome(long seen, short token)
    {
        if (TokenOf(seen) != token)
            ThrowNotAwaitedOnce();
        if ((seen & Listening) != 0)
        {
            if ((seen & PhaseMask) != Done || !IsCoreDone)
                ThrowNotAwaitedOnce();
            return;
        }

        long use = seen & ~FlagMask;
        var root = ThreadContext.Existing?.Coroutine as CoroutineBox;
        if (root is not { IsCancelPending: true } || ((seen & Parked) != 0 && _root != root))
            ThrowNotAwaitedOnce();
        var spinner = default(SpinWait);
        for (; seen != (use | Done); seen = Atomic.Read(ref _state))
        {
            if ((seen & PhaseMask) != Waiting)
            {
                spinner.SpinOnce(); // The winner is writing the outcome.
            }
            else if (Atomic.CompareExchange(ref _state, use | Done, seen) == seen)
            {
                Recycle();
                root!.ThrowIfCancelled();
                ThrowNotAwaitedOnce(); // never: only the owner takes a cancel
            }
        }
    }

    private static void PostContinuation(object? posted)
    {
        var (pool, continuation, state) = ((DispatcherPool, Action<object?>, object?))posted!;
        PostedCallback.Post(pool, new SendOrPostCallback(continuation), state);
    }

    private bool IsCoreDone => _core.GetStatus(_core.Version) != ValueTaskSourceStatus.Pending;

    private static short TokenOf(long state) => (short)(state >> UseShift);

    private static void ThrowNotAwaitedOnce()
        => throw new InvalidOperationException("The reply has not come yet, or was taken before: await the ValueTask that AskAsync returned, once.");
}

/// <summary>Finds the reply slot behind an awaiter.</summary>
internal sealed class AskWait<TReply> : SourceWait<ValueTaskAwaiter<TReply>>
{
    private static bool s_hasRegistered;

    /// <summary>Before the first ask for such a reply is awaited.</summary>
    public static void Register()
    {
        if (!ValueTaskFields<TReply>.IsUsable)
            return;
        if (s_hasRegistered)
            return;
        SourceWait<ValueTaskAwaiter<TReply>>.Register(new AskWait<TReply>());
        SourceWait<ConfiguredValueTaskAwaitable<TReply>.ConfiguredValueTaskAwaiter>.Register(new Configured());
        s_hasRegistered = true;
    }

    protected override bool TrySuspendOwn(ref ValueTaskAwaiter<TReply> awaiter, CoroutineBox leaf)
        => TrySuspend(ref ValueTaskFields<TReply>.TaskOf(ref awaiter), leaf);

    private static bool TrySuspend(ref ValueTask<TReply> task, CoroutineBox leaf)
        => ValueTaskFields<TReply>.SourceOf(ref task) is AskSlot<TReply> slot && slot.TrySuspend(leaf, ValueTaskFields<TReply>.TokenOf(ref task));

    private sealed class Configured : SourceWait<ConfiguredValueTaskAwaitable<TReply>.ConfiguredValueTaskAwaiter>
    {
        protected override bool TrySuspendOwn(ref ConfiguredValueTaskAwaitable<TReply>.ConfiguredValueTaskAwaiter awaiter, CoroutineBox leaf)
            => AskWait<TReply>.TrySuspend(ref ValueTaskFields<TReply>.TaskOf(ref awaiter), leaf);
    }
}
