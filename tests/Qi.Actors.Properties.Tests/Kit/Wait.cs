namespace Qi.Actors.Properties.Tests.Kit;

/// <summary>Waiting within a program, for what must come; only a program that fails reaches the bound.</summary>
internal static class Wait
{
    // Shorter than the bound of other tests: shrinking runs into it again and again.
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(10);

    public static void For(Task task, string what)
    {
        if (!task.Wait(s_bound))
            throw new MismatchException($"waited {s_bound.TotalSeconds} s for {what} in vain");
    }

    public static T For<T>(Task<T> task, string what)
    {
        For((Task)task, what);
        return task.Result;
    }

    /// <summary>Waits until a task has ended, with whatever outcome.</summary>
    public static void ForEnd(Task task, string what)
    {
        if (!SpinWait.SpinUntil(() => task.IsCompleted, s_bound))
            throw new MismatchException($"waited {s_bound.TotalSeconds} s for {what} in vain");
    }

    /// <summary>Waits until two sequences are equal.</summary>
    public static void Equal<T>(Func<IEnumerable<T>> actual, IReadOnlyCollection<T> expected, string what)
    {
        if (!SpinWait.SpinUntil(() => actual().SequenceEqual(expected), s_bound))
            Expect.Sequence(actual(), expected, what);
    }

    /// <summary>Waits until all tasks that were queued to a scheduler so far have run, and those that they queued.</summary>
    public static void Barrier(TaskScheduler scheduler)
    {
        for (int round = 0; round < 3; round++)
            For(Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.None, scheduler), "the scheduler");
    }
}
