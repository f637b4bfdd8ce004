namespace Qi.Actors.Tests.TestKit;

/// <summary>Waits for signals with a bound that only a lost signal reaches.</summary>
internal static class Signal
{
    /// <summary>Far more than any test needs on a busy machine.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>Awaits a task; fails the test if it takes longer than <see cref="Bound"/>.</summary>
    public static async Task Within(Task task, string what = "the signal")
    {
        try
        {
            await task.WaitAsync(Bound).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Assert.Fail($"Waited {Bound.TotalSeconds} s for {what} in vain.");
        }
    }

    /// <inheritdoc cref="Within(Task, string)"/>
    public static async Task<T> Within<T>(Task<T> task, string what = "the signal")
    {
        await Within((Task)task, what).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    /// <inheritdoc cref="Within(Task, string)"/>
    public static Task<T> Within<T>(ValueTask<T> task, string what = "the signal") => Within(task.AsTask(), what);

    /// <inheritdoc cref="Within(Task, string)"/>
    public static Task Within(ValueTask task, string what = "the signal") => Within(task.AsTask(), what);

    /// <summary>Takes one permit of a semaphore.</summary>
    public static async Task Within(SemaphoreSlim semaphore, string what = "the signal")
        => Assert.That(await semaphore.WaitAsync(Bound).ConfigureAwait(false), Is.True, $"Waited {Bound.TotalSeconds} s for {what} in vain.");

    /// <summary>Blocks until the event is set: for code that runs in a turn, or on a thread of its own.</summary>
    public static void Block(ManualResetEventSlim signal, string what = "the signal")
        => Assert.That(signal.Wait(Bound), Is.True, $"Waited {Bound.TotalSeconds} s for {what} in vain.");

    /// <summary>Blocks until the count is zero.</summary>
    public static void Block(CountdownEvent signal, string what = "the signal")
        => Assert.That(signal.Wait(Bound), Is.True, $"Waited {Bound.TotalSeconds} s for {what} in vain: {signal.CurrentCount} are missing.");

    /// <summary>A source whose continuations never run inside of the one who completes it.</summary>
    public static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc cref="NewSource()"/>
    public static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
