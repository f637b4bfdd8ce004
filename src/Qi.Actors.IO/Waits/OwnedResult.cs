// A cancelled coroutine goes on at once, and what it was waiting for arrives later, or has just arrived: a task's result would then be nobody's. Here it is
// disposed of.
//
// _state: Open -> Taken (the awaiting code, when it takes the result) or Abandoned (the coroutine's cancel). The exchange decides, so what is disposed of is never
// handed out, and what is not handed out is disposed of.
//
// The cancel comes by the coroutine's token, also when other code awaits for it, and to the wait itself: the token stays cancelled when a cancel was caught, and does not
// tell of the next one.

using Qi.Actors.Coroutines;
using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>The result of a task that belongs to the one who awaits it, even if that is a coroutine that is cancelled meanwhile.</summary>
internal sealed class OwnedResult<T> : CoroutineTask<T>
    where T : class, IDisposable
{
    private const int Open = 0;
    private const int Taken = 1;
    private const int Abandoned = 2;

    private readonly CancellationTokenSource _cancel;
    private readonly CancellationToken _coroutine;
    private CancellationTokenRegistration _registration;
    private int _state;

    private OwnedResult(Task<T> task, CancellationTokenSource cancel, CancellationToken coroutine)
    {
        Task = task;
        _cancel = cancel;
        _coroutine = coroutine;
    }

    protected override Task<T> Task { get; }

    /// <summary>Begins something that ends with a result to own.</summary>
    /// <param name="begin">What to begin. Its token is cancelled with the one here and with the calling coroutine.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static ValueTask<T> Of(Func<CancellationToken, Task<T>> begin, CancellationToken cancellationToken)
        => Coroutine.IsInside ? Of(begin, Coroutine.CancellationToken, cancellationToken) : new ValueTask<T>(begin(cancellationToken));

    /// <summary>The same for a coroutine that is known by its token.</summary>
    internal static ValueTask<T> Of(Func<CancellationToken, Task<T>> begin, CancellationToken coroutine, CancellationToken cancellationToken)
    {
        var cancel = new CancellationTokenSource();
        if (Waits.IsCancelPending)
            cancel.Cancel(); // it need not begin
        else if (coroutine.IsCancellationRequested)
            coroutine = CancellationToken.None; // of a cancel that was caught
        var result = new OwnedResult<T>(RunAsync(begin, cancel, cancellationToken), cancel, coroutine);
        result._registration = coroutine.UnsafeRegister(static result => ((OwnedResult<T>)result!).Abandon(), result);
        return new ValueTask<T>(result, 0);
    }

    public override T GetResult(short token)
    {
        if (Atomic.CompareExchange(ref _state, Taken, Open) == Abandoned)
        {
            ThrowIfCancelled();
            throw new OperationCanceledException($"A wait for a {typeof(T).Name} was cancelled with its coroutine.", _coroutine);
        }

        _registration.Dispose();
        return Task.GetAwaiter().GetResult();
    }

    protected override void OnCancel(CoroutineBox root, int epoch)
    {
        try
        {
            Abandon();
        }
        finally
        {
            if (Atomic.Read(ref _state) == Abandoned)
                root.Wake(epoch);
        }
    }

    private static async Task<T> RunAsync(Func<CancellationToken, Task<T>> begin, CancellationTokenSource cancel, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static cancel => ((CancellationTokenSource)cancel!).Cancel(), cancel);
        try
        {
            return await begin(cancel.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }

    private void Abandon()
    {
        if (Atomic.CompareExchange(ref _state, Abandoned, Open) != Open)
            return;
        _ = CloseAsync();
        _cancel.Cancel();
    }

    private async Task CloseAsync()
    {
        try
        {
            (await Task.ConfigureAwait(false)).Dispose();
        }
        catch (Exception)
        {
            // It has failed or was cancelled, as was asked: there is nothing to close, and nobody to tell.
        }
    }
}
