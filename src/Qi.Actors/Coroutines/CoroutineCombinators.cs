// Combinators over coroutines: ordinary coroutine methods on top of spawn, join and cancel. Each spawns its parts in the system of
// the coroutine that awaits it, and leaves none of them behind: whoever is not needed any more is cancelled.

using System.Runtime.CompilerServices;

using Qi.Actors.Coroutines;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

public readonly partial struct Coroutine
{
    /// <summary>Spawns a coroutine in the system that runs the caller.</summary>
    /// <exception cref="InvalidOperationException">The caller runs on no dispatcher, or the coroutine was used before.</exception>
    public static JoinHandle Spawn(Coroutine coroutine, Priority priority = Priority.Normal)
    {
        var box = coroutine.Claim();
        box.Spawn(CoroutineErrors.RequireHost("Coroutine.Spawn"), PriorityCheck.Require(priority, nameof(priority)));
        return new JoinHandle(box);
    }

    /// <inheritdoc cref="Spawn(Coroutine, Priority)"/>
    public static JoinHandle<T> Spawn<T>(Coroutine<T> coroutine, Priority priority = Priority.Normal)
    {
        var box = coroutine.Claim();
        box.Spawn(CoroutineErrors.RequireHost("Coroutine.Spawn"), PriorityCheck.Require(priority, nameof(priority)));
        return new JoinHandle<T>(box);
    }

    /// <summary>A task as a coroutine, for the combinators.</summary>
    public static async Coroutine<T> From<T>(Task<T> task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return await task;
    }

    /// <summary>A task as a coroutine, for the combinators.</summary>
    public static async Coroutine From(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        await task;
    }

    /// <summary>Runs all side by side; the results, in the order given. The first failure cancels the others and is thrown.</summary>
    public static async Coroutine<T[]> All<T>(params IReadOnlyList<Coroutine<T>> coroutines)
    {
        using var group = new CoroutineGroup<T>(coroutines);
        for (int ended = 0; ended < coroutines.Count; ended++)
            group.ThrowIfFailed(await group.NextEndAsync());
        return group.Results();
    }

    /// <summary>Runs all side by side until all have ended. The first failure cancels the others and is thrown.</summary>
    public static async Coroutine All(params IReadOnlyList<Coroutine> coroutines) => await All(Lift(coroutines));

    /// <summary>Runs all side by side; the result of the first that succeeds. The others are cancelled.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    /// <exception cref="AggregateException">All of them failed.</exception>
    public static async Coroutine<T> Any<T>(params IReadOnlyList<Coroutine<T>> coroutines)
    {
        ThrowIfEmpty(coroutines);
        using var group = new CoroutineGroup<T>(coroutines);
        var failures = new List<Exception>();
        for (int ended = 0; ended < coroutines.Count; ended++)
        {
            var handle = group[await group.NextEndAsync()];
            if (handle.Exception is not { } failure)
                return await handle;
            failures.Add(failure);
        }

        throw new AggregateException("None of the coroutines succeeded.", failures);
    }

    /// <summary>Runs all side by side; the result, or the failure, of the first that ends. The others are cancelled.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static async Coroutine<T> Race<T>(params IReadOnlyList<Coroutine<T>> coroutines)
    {
        ThrowIfEmpty(coroutines);
        using var group = new CoroutineGroup<T>(coroutines);
        return await group[await group.NextEndAsync()];
    }

    /// <summary>Runs a coroutine for no longer than <paramref name="timeout"/>, after which it is cancelled.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    /// <exception cref="TimeoutException">On await: it did not end in time.</exception>
    public static Coroutine<T> Timeout<T>(Coroutine<T> coroutine, TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        return TimeoutCore(coroutine, timeout);
    }

    /// <inheritdoc cref="Timeout{T}(Coroutine{T}, TimeSpan)"/>
    public static async Coroutine Timeout(Coroutine coroutine, TimeSpan timeout) => await Timeout(Lift(coroutine), timeout);

    /// <summary>Tries until an attempt succeeds.</summary>
    /// <param name="attempt">Makes an attempt; it is given the attempt's number, from 1.</param>
    /// <param name="attempts">How many at most; at least 1.</param>
    /// <param name="delay">Wait before the second attempt; each further wait is twice the one before. Zero for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no attempts, or the delay is negative.</exception>
    /// <remarks>The last attempt's exception is thrown. A cancellation is not tried again.</remarks>
    public static Coroutine<T> Retry<T>(Func<int, Coroutine<T>> attempt, int attempts, TimeSpan delay = default)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return RetryCore(attempt, attempts, delay);
    }

    /// <inheritdoc cref="Retry{T}(Func{int, Coroutine{T}}, int, TimeSpan)"/>
    public static async Coroutine Retry(Func<int, Coroutine> attempt, int attempts, TimeSpan delay = default)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        await Retry(number => Lift(attempt(number)), attempts, delay);
    }

    private static async Coroutine<T> TimeoutCore<T>(Coroutine<T> coroutine, TimeSpan timeout)
    {
        const int Work = 0;
        using var group = new CoroutineGroup<T>([coroutine, After<T>(timeout)]);
        if (await group.NextEndAsync() == Work)
            return await group[Work];
        throw new TimeoutException($"The coroutine did not end within {timeout.TotalMilliseconds:0.###} ms.");
    }

    private static async Coroutine<T> RetryCore<T>(Func<int, Coroutine<T>> attempt, int attempts, TimeSpan delay)
    {
        for (int number = 1; ; number++)
        {
            try
            {
                return await attempt(number);
            }
            catch (Exception e) when (number < attempts && e is not OperationCanceledException)
            {
                // The next attempt is the answer to this failure; the last one's is thrown.
            }

            await DelayAsync(delay);
            delay *= 2;
        }
    }

    private static async Coroutine<T> After<T>(TimeSpan delay)
    {
        await DelayAsync(delay);
        return default!;
    }

    private static async Coroutine<bool> Lift(Coroutine coroutine)
    {
        await coroutine;
        return true;
    }

    private static Coroutine<bool>[] Lift(IReadOnlyList<Coroutine> coroutines)
    {
        ArgumentNullException.ThrowIfNull(coroutines);
        return [.. coroutines.Select(Lift)];
    }

    private static void ThrowIfEmpty<T>(IReadOnlyList<Coroutine<T>> coroutines, [CallerArgumentExpression(nameof(coroutines))] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(coroutines);
        if (coroutines.Count == 0)
            throw new ArgumentException("There is no coroutine to wait for: give at least one.", name);
    }
}

/// <summary>Combinators as extension methods.</summary>
public static class CoroutineExtensions
{
    /// <summary>The result, changed by a function.</summary>
    public static async Coroutine<TOut> Map<TIn, TOut>(this Coroutine<TIn> coroutine, Func<TIn, TOut> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return function(await coroutine);
    }

    /// <summary>Goes on with another coroutine, made from the result.</summary>
    public static async Coroutine<TOut> Then<TIn, TOut>(this Coroutine<TIn> coroutine, Func<TIn, Coroutine<TOut>> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return await next(await coroutine);
    }

    /// <summary>Goes on with another coroutine, made from the result.</summary>
    public static async Coroutine Then<TIn>(this Coroutine<TIn> coroutine, Func<TIn, Coroutine> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        await next(await coroutine);
    }

    /// <summary>Goes on with another coroutine.</summary>
    public static async Coroutine Then(this Coroutine coroutine, Func<Coroutine> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        await coroutine;
        await next();
    }
}
