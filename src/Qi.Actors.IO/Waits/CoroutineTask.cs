// A coroutine that awaits a task is cut off from it by a cancel: the task goes on by itself, with the memory that it was given, and its result is nobody's. These
// tasks are awaited as IoSources are: the coroutine suspends on the object here, and a cancel asks it what is to happen.
//
// Begin of a wait: publish root and epoch with the wait; register with the task; full fence; look for a cancel (CoroutineBox.Wait, step 3). A cancel that names another
// coroutine or epoch is not for this wait.

using System.Threading.Tasks.Sources;

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

/// <summary>A task that knows of the coroutine that awaits it.</summary>
internal abstract class CoroutineTask<T> : IValueTaskSource<T>, IValueTaskSource, ICoroutineSource, ICancellableWait
{
    private const int NoEpoch = -1;

    private CoroutineBox? _root = CoroutineBox.Current; // until somebody else waits for it
    private int _epoch = NoEpoch;

    static CoroutineTask()
    {
        IoWait.Register();
        IoWait<T>.Register();
    }

    /// <summary>What is awaited.</summary>
    protected abstract Task<T> Task { get; }

    public bool TrySuspend(CoroutineBox leaf, short token)
    {
        var root = leaf.Root;
        Atomic.Write(ref _root, root);
        Atomic.Write(ref _epoch, root.NextEpoch);
        int epoch = root.BeginWait(leaf, WaitKind.Operation, this);
        Task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => root.Wake(epoch));
        Atomic.Fence();
        root.FinishOperationWait(this, epoch);
        return true;
    }

    public void CancelWait(CoroutineBox root, int epoch)
    {
        if (Atomic.Read(ref _epoch) == epoch && Atomic.Read(ref _root) == root)
            Guard(root, epoch);
    }

    public ValueTaskSourceStatus GetStatus(short token) => Task.Status switch
    {
        TaskStatus.RanToCompletion => ValueTaskSourceStatus.Succeeded,
        TaskStatus.Faulted => ValueTaskSourceStatus.Faulted,
        TaskStatus.Canceled => ValueTaskSourceStatus.Canceled,
        _ => ValueTaskSourceStatus.Pending,
    };

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        var awaiter = Task.ConfigureAwait(flags.HasFlag(ValueTaskSourceOnCompletedFlags.UseSchedulingContext)).GetAwaiter();
        if (flags.HasFlag(ValueTaskSourceOnCompletedFlags.FlowExecutionContext))
            awaiter.OnCompleted(() => continuation(state));
        else
            awaiter.UnsafeOnCompleted(() => continuation(state));
    }

    public abstract T GetResult(short token);

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    /// <summary>If it is the coroutine that waits that takes the result: its cancel is thrown, once. Others have to do with their own.</summary>
    protected void ThrowIfCancelled()
    {
        if (_root is { } root && root == CoroutineBox.Current)
            root.ThrowIfCancelled();
    }

    /// <summary>The coroutine that waits was cancelled. Any thread; the wait may be over by now.</summary>
    protected abstract void OnCancel(CoroutineBox root, int epoch);

    // What is registered with a token may throw, which is neither the canceller's business nor the coroutine's.
    private void Guard(CoroutineBox root, int epoch)
    {
        try
        {
            OnCancel(root, epoch);
        }
        catch (Exception e)
        {
            root.Host.ReportCallback(e);
        }
    }
}
