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
        if (_isYielding || (_isHeld && EndHeld(root)))
        {
            _isYielding = false;
            root.SuspendForYield(leaf, ThreadContext.Instance);
            return true;
        }

        Atomic.Write(ref _root, root);
        Atomic.Write(ref _epoch, root.NextEpoch);
        int epoch = root.BeginWait(leaf, WaitKind.Operation, this);
        if (Atomic.CompareExchange(ref _phase, Parked, Begun) != Begun)
            root.Wake(epoch); // it has ended meanwhile
        else
            root.FinishOperationWait(this, epoch);
        return true;
    }

    // The cancel that the run was held for ends it; if it has been delivered meanwhile, the run begins. True if it has ended.
    private bool EndHeld(CoroutineBox root)
    {
        if (!root.IsCancelPending)
            return GoHeld();
        _isHeld = false;
        _operation.Result = -IoErrors.Canceled;
        Atomic.Write(ref _reason, ReasonOf(_run, ByCoroutine));
        EndAhead();
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
        return result == -IoErrors.Canceled && ReasonCode is ByToken or ByCoroutine ? ValueTaskSourceStatus.Canceled : ValueTaskSourceStatus.Faulted;
    }

    /// <inheritdoc/>
    public int GetResult(short token)
    {
        RequireEnd(token);
        _isYielding = false;
        int result = _operation.Result;
        if (result < 0)
            ThrowFailure();
        Release();
        return result;
    }

    /// <summary>Refuses to give a result that is not there.</summary>
    public void RequireEnd(short token)
    {
        if (token != _token || Atomic.Read(ref _phase) != Done)
            ThrowNotAwaitedOnce();
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

        if (_isHeld)
            GoHeld();
        if (Atomic.CompareExchange(ref _phase, Listening, Begun) != Begun)
            ScheduleContinuation(); // it has ended meanwhile
    }

    /// <summary>Runs the continuation: never in the reactor's own hands, for it is anybody's code.</summary>
    internal override void Run(ThreadContext thread)
    {
        if (_continuation is not { } continuation)
            return; // a context has taken it, and has thrown all the same
        object? state = _state;
        var execution = _execution;
        _continuation = null; // before the call: it begins the next run
        _state = null;
        _execution = null;
        _context = null;
        try
        {
            if (execution is null)
                continuation(state);
            else
                RunIn(execution, continuation, state);
        }
        catch (Exception e)
        {
            SchedulingLog.CallbackFailed(_pool.Logger, e);
        }
    }

    /// <summary>The pool has ended, and whoever waits must be told.</summary>
    internal override void Refuse()
        => ThreadPool.UnsafeQueueUserWorkItem(static source => source.Run(ThreadContext.Instance), this, preferLocal: false);

    // A context is anybody's code, and may have ended: its failure must not reach the reactor's owner, nor keep the waiter waiting.
    private void ScheduleContinuation()
    {
        try
        {
            ScheduleInContext();
        }
        catch (Exception e) when (_context is not null)
        {
            SchedulingLog.ContextRefused(_pool.Logger, e);
            _pool.Schedule(this);
        }
    }

    private void ScheduleInContext()
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

    private static void RunIn(ExecutionContext execution, Action<object?> continuation, object? state)
        => ExecutionContext.Run(execution, static run => ((Action)run!)(), () => continuation(state));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowFailure()
    {
        int reason = ReasonCode; // read once: a canceller may come just now, and the exception and the coroutine's flag must agree
        bool isCancel = _operation.Result == -IoErrors.Canceled;
        var token = _cancellation;
        var failure = TakeFailure(reason);
        if (isCancel && reason == ByCoroutine)
            Waits.ThrowIfCancelled();
        if (isCancel && reason == ByToken)
            Waits.ThrowIfCancelledBy(token);
        throw failure;
    }

    private static void ThrowNotAwaitedOnce()
        => throw new InvalidOperationException("The operation is not over, or its result was taken before: await the ValueTask that it returned, once.");
}
