// The waiter's side: a coroutine suspends on the source itself (L1, L2), anybody else gives it a continuation, and whoever awaits takes the result.

using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Reactors;

internal sealed partial class IoSource
{
    private Action<object?>? _continuation;
    private object? _state;
    private object? _context;
    private ExecutionContext? _execution;

    /// <summary>Suspends a coroutine until the use is over. False if this is not a use that it may wait for. Owner of the coroutine.</summary>
    public bool TrySuspend(CoroutineBox leaf, short token)
    {
        if (token != _token)
            return false;
        var root = leaf.Root;
        if (_isYielding)
        {
            _isYielding = false;
            root.SuspendForYield(leaf, ThreadContext.Instance);
            return true;
        }

        _root = root;
        Atomic.Write(ref _epoch, root.NextEpoch);
        int epoch = root.BeginWait(leaf, WaitKind.Operation, this);
        if (Atomic.CompareExchange(ref _phase, Parked, Begun) != Begun)
            root.Wake(epoch); // it has ended meanwhile
        else
            root.FinishOperationWait(this, epoch);
        return true;
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token)
    {
        if (token != _token)
            ThrowNotAwaitedOnce();
        if (_isYielding || Atomic.Read(ref _phase) != Done)
            return ValueTaskSourceStatus.Pending;
        int result = _operation.Result;
        if (result >= 0)
            return ValueTaskSourceStatus.Succeeded;
        return result == -IoErrors.Canceled && _reason is ByToken or ByCoroutine ? ValueTaskSourceStatus.Canceled : ValueTaskSourceStatus.Faulted;
    }

    /// <inheritdoc/>
    public int GetResult(short token)
    {
        if (token != _token || Atomic.Read(ref _phase) != Done)
            ThrowNotAwaitedOnce();
        _isYielding = false;
        int result = _operation.Result;
        if (result < 0)
            ThrowFailure();
        Release();
        return result;
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        if (token != _token || _continuation is not null)
            ThrowNotAwaitedOnce();
        _isYielding = false;
        _continuation = continuation;
        _state = state;
        _execution = flags.HasFlag(ValueTaskSourceOnCompletedFlags.FlowExecutionContext) ? ExecutionContext.Capture() : null;
        _context = null;
        if (flags.HasFlag(ValueTaskSourceOnCompletedFlags.UseSchedulingContext))
        {
            var context = SynchronizationContext.Current;
            if (context is not null && context != _pool.SynchronizationContext)
                _context = context;
            else if (context is null && TaskScheduler.Current != TaskScheduler.Default)
                _context = TaskScheduler.Current;
        }

        if (Atomic.CompareExchange(ref _phase, Listening, Begun) != Begun)
            ScheduleContinuation(); // it has ended meanwhile
    }

    /// <summary>Runs the continuation: never in the reactor's own hands, for it is anybody's code.</summary>
    internal override void Run(ThreadContext thread)
    {
        var (continuation, state, execution) = TakeContinuation();
        try
        {
            if (execution is null)
                continuation(state);
            else
                ExecutionContext.Run(execution, static run => ((Action)run!)(), () => continuation(state));
        }
        catch (Exception e)
        {
            SchedulingLog.CallbackFailed(_pool.Logger, e);
        }
    }

    /// <summary>The pool has ended, and whoever waits must be told.</summary>
    internal override void Refuse()
        => ThreadPool.UnsafeQueueUserWorkItem(static source => source.Run(ThreadContext.Instance), this, preferLocal: false);

    private void ScheduleContinuation()
    {
        switch (_context)
        {
            case SynchronizationContext context:
                context.Post(static source => ((IoSource)source!).Run(ThreadContext.Instance), this);
                break;
            case TaskScheduler scheduler:
                _ = Task.Factory.StartNew(
                    static source => ((IoSource)source!).Run(ThreadContext.Instance), this, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
                break;
            default:
                _pool.Schedule(this);
                break;
        }
    }

    private (Action<object?> Continuation, object? State, ExecutionContext? Execution) TakeContinuation()
    {
        var taken = (_continuation!, _state, _execution);
        _continuation = null; // before the call: it begins the next use
        _state = null;
        _execution = null;
        _context = null;
        return taken;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowFailure()
    {
        bool isCoroutines = _reason == ByCoroutine && _operation.Result == -IoErrors.Canceled;
        var failure = TakeFailure();
        if (isCoroutines)
            Waits.ThrowIfCancelled();
        throw failure;
    }

    private static void ThrowNotAwaitedOnce()
        => throw new InvalidOperationException("The operation is not over, or its result was taken before: await the ValueTask that it returned, once.");
}

/// <summary>Finds the source behind an awaiter of a ValueTask with a number.</summary>
internal sealed class IoWait : SourceWait<ValueTaskAwaiter<int>>
{
    /// <summary>Before the first such await.</summary>
    public static void Register()
    {
        if (ValueTaskFields<int>.IsUsable)
        {
            SourceWait<ValueTaskAwaiter<int>>.Register(new IoWait());
            SourceWait<ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter>.Register(new Configured());
        }

        if (ValueTaskFields.IsUsable)
        {
            SourceWait<ValueTaskAwaiter>.Register(new Plain());
            SourceWait<ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter>.Register(new PlainConfigured());
        }
    }

    protected override bool TrySuspendOwn(ref ValueTaskAwaiter<int> awaiter, CoroutineBox leaf)
        => TrySuspendOn(ref ValueTaskFields<int>.TaskOf(ref awaiter), leaf);

    private static bool TrySuspendOn(ref ValueTask<int> task, CoroutineBox leaf)
        => ValueTaskFields<int>.SourceOf(ref task) is IoSource source && source.TrySuspend(leaf, ValueTaskFields<int>.TokenOf(ref task));

    private static bool TrySuspendOn(ref ValueTask task, CoroutineBox leaf)
        => ValueTaskFields.SourceOf(ref task) is IoSource source && source.TrySuspend(leaf, ValueTaskFields.TokenOf(ref task));

    private sealed class Configured : SourceWait<ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter>
    {
        protected override bool TrySuspendOwn(ref ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter awaiter, CoroutineBox leaf)
            => TrySuspendOn(ref ValueTaskFields<int>.TaskOf(ref awaiter), leaf);
    }

    private sealed class Plain : SourceWait<ValueTaskAwaiter>
    {
        protected override bool TrySuspendOwn(ref ValueTaskAwaiter awaiter, CoroutineBox leaf)
            => TrySuspendOn(ref ValueTaskFields.TaskOf(ref awaiter), leaf);
    }

    private sealed class PlainConfigured : SourceWait<ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter>
    {
        protected override bool TrySuspendOwn(ref ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter awaiter, CoroutineBox leaf)
            => TrySuspendOn(ref ValueTaskFields.TaskOf(ref awaiter), leaf);
    }
}
