// What a task reads into or writes from belongs to the one who awaits it, who must not go on before the task has ended. So a cancel of the coroutine only asks the task to
// end, by its token. What has a result in spite of that has not lost it: the cancel is left for the next await.

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>A task that uses memory of the one who awaits it, and that even a cancelled coroutine waits for to its end.</summary>
internal sealed class LentTask<T> : CoroutineTask<T>
{
    [ThreadStatic]
    private static CancellationTokenSource? t_spare;

    private readonly CancellationTokenSource _cancel;
    private readonly CancellationToken _callers;
    private readonly CancellationTokenRegistration _registration;

    private LentTask(Task<T> task, CancellationTokenSource cancel, CancellationTokenRegistration registration, CancellationToken callers)
    {
        Task = task;
        _cancel = cancel;
        _callers = callers;
        _registration = registration;
    }

    protected override Task<T> Task { get; }

    /// <summary>Begins it. What ends at once allocates nothing here.</summary>
    /// <param name="state">What <paramref name="begin"/> is given.</param>
    /// <param name="begin">Begins it. Its token is cancelled with the one here and with the coroutine that awaits.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static ValueTask<T> Of<TState>(TState state, Func<TState, CancellationToken, ValueTask<T>> begin, CancellationToken cancellationToken)
    {
        if (!Coroutine.IsInside)
            return begin(state, cancellationToken);
        return Begin(state, begin, cancellationToken, out var task) is { } lent ? new ValueTask<T>(lent, 0) : task;
    }

    /// <summary>The same without the result.</summary>
    public static ValueTask OfVoid<TState>(TState state, Func<TState, CancellationToken, ValueTask<T>> begin, CancellationToken cancellationToken)
    {
        ValueTask<T> task;
        if (!Coroutine.IsInside)
            task = begin(state, cancellationToken);
        else if (Begin(state, begin, cancellationToken, out task) is { } lent)
            return new ValueTask(lent, 0);
        return task.IsCompletedSuccessfully ? default : new ValueTask(task.AsTask());
    }

    /// <summary>The same for what has begun, with what ends it; <paramref name="cancel"/> is cancelled with the caller's token too.</summary>
    public static ValueTask<T> Of(ValueTask<T> task, CancellationTokenSource cancel, CancellationToken cancellationToken)
        => task.IsCompletedSuccessfully ? task : new ValueTask<T>(new LentTask<T>(task.AsTask(), cancel, default, cancellationToken), 0);

    public override T GetResult(short token)
    {
        _registration.Dispose();
        try
        {
            return Task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException e) when (_cancel.IsCancellationRequested)
        {
            if (_callers.IsCancellationRequested)
            {
                Waits.ThrowIfCancelledBy(_callers);
                throw new OperationCanceledException(e.Message, e, _callers);
            }

            ThrowIfCancelled();
            throw;
        }
    }

    protected override void OnCancel(CoroutineBox root, int epoch) => _cancel.Cancel();

    // Null, and the task itself, if it has ended well by now.
    private static LentTask<T>? Begin<TState>(TState state, Func<TState, CancellationToken, ValueTask<T>> begin, CancellationToken cancellationToken, out ValueTask<T> task)
    {
        var cancel = t_spare ?? new CancellationTokenSource();
        t_spare = null;
        var registration = cancellationToken.UnsafeRegister(static cancel => ((CancellationTokenSource)cancel!).Cancel(), cancel);
        try
        {
            task = begin(state, cancel.Token);
        }
        catch
        {
            registration.Dispose();
            throw;
        }

        if (!task.IsCompletedSuccessfully)
            return new LentTask<T>(task.AsTask(), cancel, registration, cancellationToken);
        registration.Dispose(); // waits for a callback in progress
        if (cancel.TryReset())
            t_spare = cancel;
        return null;
    }
}
