// A cancelled coroutine goes on at once, and what it was waiting for arrives later, or has just arrived: a task's result would then be nobody's. Here it is
// disposed of.
//
// _state: Open -> Taken (the awaiting code, when it takes the result) or Abandoned (the coroutine's cancel). The exchange decides, so what is disposed of is never
// handed out, and what is not handed out is disposed of.

using System.Threading.Tasks.Sources;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>The result of a task that belongs to the one who awaits it, even if that is a coroutine that is cancelled meanwhile.</summary>
internal sealed class OwnedResult<T> : IValueTaskSource<T>
    where T : class, IDisposable
{
    private const int Open = 0;
    private const int Taken = 1;
    private const int Abandoned = 2;

    private readonly Task<T> _task;
    private readonly CancellationToken _coroutine;
    private CancellationTokenRegistration _registration;
    private int _state;

    private OwnedResult(Task<T> task, CancellationToken coroutine)
    {
        _task = task;
        _coroutine = coroutine;
    }

    /// <summary>Begins something that ends with a result to own.</summary>
    /// <param name="begin">What to begin. Its token is cancelled with the one here and with the calling coroutine.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static ValueTask<T> Of(Func<CancellationToken, Task<T>> begin, CancellationToken cancellationToken)
        => Coroutine.IsInside ? Of(begin, Coroutine.CancellationToken, cancellationToken) : new ValueTask<T>(begin(cancellationToken));

    /// <summary>The same for a coroutine that is known by its token.</summary>
    internal static ValueTask<T> Of(Func<CancellationToken, Task<T>> begin, CancellationToken coroutine, CancellationToken cancellationToken)
    {
        var result = new OwnedResult<T>(RunAsync(begin, coroutine, cancellationToken), coroutine);
        result._registration = coroutine.UnsafeRegister(static result => ((OwnedResult<T>)result!).Abandon(), result);
        return new ValueTask<T>(result, 0);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _task.Status switch
    {
        TaskStatus.RanToCompletion => ValueTaskSourceStatus.Succeeded,
        TaskStatus.Faulted => ValueTaskSourceStatus.Faulted,
        TaskStatus.Canceled => ValueTaskSourceStatus.Canceled,
        _ => ValueTaskSourceStatus.Pending,
    };

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        var awaiter = _task.ConfigureAwait(flags.HasFlag(ValueTaskSourceOnCompletedFlags.UseSchedulingContext)).GetAwaiter();
        if (flags.HasFlag(ValueTaskSourceOnCompletedFlags.FlowExecutionContext))
            awaiter.OnCompleted(() => continuation(state));
        else
            awaiter.UnsafeOnCompleted(() => continuation(state));
    }

    public T GetResult(short token)
    {
        if (Atomic.CompareExchange(ref _state, Taken, Open) == Abandoned)
            throw new OperationCanceledException($"A wait for a {typeof(T).Name} was cancelled with its coroutine.", _coroutine);
        _registration.Dispose();
        return _task.GetAwaiter().GetResult();
    }

    private static async Task<T> RunAsync(Func<CancellationToken, Task<T>> begin, CancellationToken coroutine, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(coroutine, cancellationToken);
        try
        {
            return await begin(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }

    private void Abandon()
    {
        if (Atomic.CompareExchange(ref _state, Abandoned, Open) == Open)
            _ = CloseAsync();
    }

    private async Task CloseAsync()
    {
        try
        {
            (await _task.ConfigureAwait(false)).Dispose();
        }
        catch (Exception)
        {
            // It has failed or was cancelled, as was asked: there is nothing to close, and nobody to tell.
        }
    }
}
