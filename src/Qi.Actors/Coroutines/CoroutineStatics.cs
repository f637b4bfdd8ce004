using Qi.Actors.Coroutines;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

public readonly partial struct Coroutine
{
    /// <summary>True if the caller runs within a coroutine.</summary>
    public static bool IsInside => ThreadContext.Existing?.Coroutine is not null;

    /// <summary>The token that is cancelled when the current coroutine is: for calls that take one.</summary>
    /// <exception cref="InvalidOperationException">The caller does not run within a coroutine.</exception>
    public static CancellationToken CancellationToken => CoroutineErrors.RequireCurrent("Coroutine.CancellationToken").CancellationToken;

    /// <summary>The current coroutine: others can resume it, cancel it or send it messages through this.</summary>
    /// <exception cref="InvalidOperationException">The caller does not run within a coroutine.</exception>
    public static CoroutineRef Current => new(CoroutineErrors.RequireCurrent("Coroutine.Current"));

    /// <summary>Lets everything else that is ready in this lane run first.</summary>
    /// <remarks><b>Cost</b>: no allocation in a coroutine. In other async code it continues on the dispatchers, or where it was.</remarks>
    public static YieldAwaitable YieldAsync() => default;

    /// <summary>Goes on after a delay; other work runs meanwhile.</summary>
    /// <param name="delay">At least zero. <b>Units</b>: rounded up to a quarter of a millisecond; never early.</param>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    /// <exception cref="OperationCanceledException">On await: the coroutine was cancelled meanwhile.</exception>
    public static DelayAwaitable DelayAsync(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new DelayAwaitable(delay);
    }

    /// <summary>A regular beat: await its <c>NextAsync</c> in a loop.</summary>
    /// <param name="period">More than zero. <b>Units</b>: beats are rounded up to a quarter of a millisecond.</param>
    /// <exception cref="ArgumentOutOfRangeException">The period is not positive.</exception>
    /// <exception cref="InvalidOperationException">The caller runs on no dispatcher.</exception>
    public static CoroutineInterval Interval(TimeSpan period)
    {
        if (period <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(period), period, "Give a positive period.");
        return new CoroutineInterval(period, CoroutineErrors.RequireHost("Coroutine.Interval").Pool.Time.Provider);
    }

    /// <summary>Suspends the current coroutine until somebody sends it a resume message.</summary>
    /// <remarks>
    /// A resume that comes first is kept, and this returns at once; several kept ones count as one. Only directly in a
    /// coroutine. <b>Cost</b>: no allocation.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The caller does not run within a coroutine.</exception>
    /// <exception cref="OperationCanceledException">On await: the coroutine was cancelled meanwhile.</exception>
    public static SuspendAwaitable SuspendAsync()
    {
        CoroutineErrors.RequireCurrent("Coroutine.SuspendAsync");
        return default;
    }

    /// <summary>Takes the oldest message of type <typeparamref name="T"/> from the current coroutine's mailbox; waits for one.</summary>
    /// <remarks>Messages of other types stay in the mailbox, in order. <b>Cost</b>: no allocation.</remarks>
    /// <exception cref="InvalidOperationException">The caller does not run within a coroutine.</exception>
    /// <exception cref="OperationCanceledException">On await: the coroutine was cancelled meanwhile.</exception>
    public static ReceiveAwaitable<T> ReceiveAsync<T>()
    {
        CoroutineErrors.RequireCurrent("Coroutine.ReceiveAsync");
        return new ReceiveAwaitable<T>(ReceiveWait<T>.Shared);
    }

    /// <summary>The same, but for no longer than <paramref name="timeout"/>.</summary>
    /// <param name="timeout">At least zero. <b>Units</b>: rounded up to a quarter of a millisecond.</param>
    /// <exception cref="InvalidOperationException">The caller does not run within a coroutine.</exception>
    /// <exception cref="TimeoutException">On await: no such message came in time.</exception>
    /// <exception cref="OperationCanceledException">On await: the coroutine was cancelled meanwhile.</exception>
    public static ReceiveAwaitable<T> ReceiveAsync<T>(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        CoroutineErrors.RequireCurrent("Coroutine.ReceiveAsync");
        return new ReceiveAwaitable<T>(new TimedReceiveWait<T>(timeout));
    }

    /// <summary>Throws if the current coroutine was cancelled and no await has thrown for it yet. For long computations.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void ThrowIfCancelled() => CoroutineErrors.RequireCurrent("Coroutine.ThrowIfCancelled").ThrowIfCancelled();
}
