// The waits of a coroutine. Each awaitable is its own awaiter; inside a coroutine the method builder calls Suspend, anywhere
// else the compiler's other builders call OnCompleted.

using System.ComponentModel;
using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Coroutines;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>What <see cref="Coroutine.YieldAsync"/> returns. Await it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct YieldAwaitable : ICriticalNotifyCompletion, ICoroutineAwaiter
{
    /// <summary>Always false: the caller lets others run.</summary>
    public bool IsCompleted => false;

    /// <summary>Itself.</summary>
    public YieldAwaitable GetAwaiter() => this;

    /// <summary>Throws if the coroutine was cancelled meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void GetResult() => Waits.ThrowIfCancelled();

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => Task.Yield().GetAwaiter().OnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => Task.Yield().GetAwaiter().UnsafeOnCompleted(continuation);

    void ICoroutineAwaiter.Suspend(CoroutineBox root, CoroutineBox leaf, ThreadContext thread) => root.SuspendForYield(leaf, thread);
}

/// <summary>What <see cref="Coroutine.DelayAsync"/> returns. Await it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DelayAwaitable : ICriticalNotifyCompletion, ICoroutineAwaiter
{
    private readonly TimeSpan _delay;

    internal DelayAwaitable(TimeSpan delay) => _delay = delay;

    /// <summary>True for a delay of zero.</summary>
    public bool IsCompleted => _delay == TimeSpan.Zero;

    /// <summary>Itself.</summary>
    public DelayAwaitable GetAwaiter() => this;

    /// <summary>Throws if the coroutine was cancelled meanwhile.</summary>
    public void GetResult()
    {
        if (ThreadContext.Existing?.Coroutine is not { } current)
            return;
        var root = Unsafe.As<CoroutineBox>(current);
        if (root.IsCancelPending && _delay != TimeSpan.Zero)
            (root.WaitObject as WakeTimer)?.TryCancel(root.Aux);
        root.ThrowIfCancelled();
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => Waits.AfterDelay(_delay).GetAwaiter().OnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => Waits.AfterDelay(_delay).GetAwaiter().UnsafeOnCompleted(continuation);

    void ICoroutineAwaiter.Suspend(CoroutineBox root, CoroutineBox leaf, ThreadContext thread)
    {
        // Armed before the wait is published: a cancel that ends the wait at once finds a timer to stop. One that fires before is seen here.
        var timer = WakeTimer.Rent();
        int generation = timer.NextGeneration;
        root.Aux = generation;
        timer.Retarget(root, root.NextEpoch);
        timer.Arm(root.Host.Pool, _delay);
        int epoch = root.BeginWait(leaf, WaitKind.Event, timer);
        root.FinishWait(epoch);
        if (!timer.IsWaiting(generation)) // after FinishWait's fence; pairs with the exchange before Fire
            root.Wake(epoch);
    }
}

/// <summary>What <see cref="Coroutine.SuspendAsync"/> returns. Await it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct SuspendAwaitable : ICriticalNotifyCompletion, ICoroutineAwaiter
{
    private bool _isTaken;

    /// <summary>True if a resume message has come before; it is taken then.</summary>
    public bool IsCompleted
        => _isTaken = Waits.HasBudget() && CoroutineErrors.RequireCurrent("Coroutine.SuspendAsync").TryTakePermit();

    /// <summary>Itself.</summary>
    public readonly SuspendAwaitable GetAwaiter() => this;

    /// <summary>Takes the resume message. Throws if the coroutine was cancelled meanwhile.</summary>
    public readonly void GetResult()
    {
        if (_isTaken)
            return;
        var root = CoroutineErrors.RequireCurrent("Coroutine.SuspendAsync");
        if (!root.TryTakePermit())
            root.ThrowIfCancelled();
    }

    /// <inheritdoc/>
    public readonly void OnCompleted(Action continuation) => CoroutineErrors.ThrowNoCoroutine("Coroutine.SuspendAsync");

    /// <inheritdoc/>
    public readonly void UnsafeOnCompleted(Action continuation) => CoroutineErrors.ThrowNoCoroutine("Coroutine.SuspendAsync");

    readonly void ICoroutineAwaiter.Suspend(CoroutineBox root, CoroutineBox leaf, ThreadContext thread) => root.SuspendForResume(leaf, thread);
}

/// <summary>What <see cref="Coroutine.ReceiveAsync{T}()"/> returns. Await it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct ReceiveAwaitable<T> : ICriticalNotifyCompletion, ICoroutineAwaiter
{
    private readonly ReceiveWait<T> _wait;
    private object? _taken;

    internal ReceiveAwaitable(ReceiveWait<T> wait)
    {
        _wait = wait;
        _taken = null;
    }

    /// <summary>True if such a message is in the mailbox.</summary>
    public bool IsCompleted
    {
        get
        {
            if (!Waits.HasBudget())
                return false;
            _taken = CoroutineErrors.RequireCurrent("Coroutine.ReceiveAsync").TryTakeMessage(_wait);
            return _taken is not null;
        }
    }

    /// <summary>Itself.</summary>
    public readonly ReceiveAwaitable<T> GetAwaiter() => this;

    /// <summary>The message. Throws if the coroutine was cancelled meanwhile, or the time is up.</summary>
    public readonly T GetResult()
    {
        var root = CoroutineErrors.RequireCurrent("Coroutine.ReceiveAsync");
        if ((_taken ?? root.WaitObject) is MessageNode node)
            return ReceiveWait<T>.Take(node, ThreadContext.Instance.Nodes);
        _wait.DisarmTimeout();
        root.ThrowIfCancelled();
        throw new TimeoutException($"No {typeof(T).Name} message arrived within the time-out of Coroutine.ReceiveAsync.");
    }

    /// <inheritdoc/>
    public readonly void OnCompleted(Action continuation) => CoroutineErrors.ThrowNoCoroutine("Coroutine.ReceiveAsync");

    /// <inheritdoc/>
    public readonly void UnsafeOnCompleted(Action continuation) => CoroutineErrors.ThrowNoCoroutine("Coroutine.ReceiveAsync");

    readonly void ICoroutineAwaiter.Suspend(CoroutineBox root, CoroutineBox leaf, ThreadContext thread)
        => root.SuspendForMessage(leaf, thread, _wait);
}

/// <summary>What several waits share.</summary>
internal static class Waits
{
    /// <summary>Counts an operation against the turn's budget; when it is spent, the operation must suspend although it could go on.</summary>
    public static bool HasBudget() => ThreadContext.Instance.BudgetLeft-- > 0;

    /// <summary>True in a coroutine that was cancelled, and whose await has not thrown for it yet.</summary>
    public static bool IsCancelPending => ThreadContext.Existing?.Coroutine is { } current && Unsafe.As<CoroutineBox>(current).IsCancelPending;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ThrowIfCancelled()
    {
        if (ThreadContext.Existing?.Coroutine is { } current)
            Unsafe.As<CoroutineBox>(current).ThrowIfCancelled();
    }

    /// <summary>The same if that token, by which something has ended, is the coroutine's own: then its cancel has come to this.</summary>
    public static void ThrowIfCancelledBy(CancellationToken token)
    {
        if (ThreadContext.Existing?.Coroutine is { } current && Unsafe.As<CoroutineBox>(current).IsOwn(token))
            Unsafe.As<CoroutineBox>(current).ThrowIfCancelled();
    }

    /// <summary>A delay for code that is not a coroutine: by the clock of the system whose dispatcher it runs on.</summary>
    public static Task AfterDelay(TimeSpan delay)
        => Task.Delay(delay, ThreadContext.Existing?.Dispatcher?.Pool.Time.Provider ?? TimeProvider.System);
}
