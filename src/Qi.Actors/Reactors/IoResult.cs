using System.Threading.Tasks.Sources;

using Qi.Actors.Coroutines;

namespace Qi.Actors.Reactors;

/// <summary>A source whose number is made into something else for the one who awaits it: a descriptor into a connection, say.</summary>
/// <remarks>Whoever takes the result makes it, so a run that nobody awaits to its end makes nothing.</remarks>
internal abstract class IoResult<T> : IValueTaskSource<T>, ICoroutineSource
{
    /// <summary>The source behind it; set before the first run.</summary>
    public required IoSource Source { get; init; }

    /// <summary>As <see cref="IoSource.RunAsync"/>.</summary>
    public ValueTask<T> RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (IoSource.IsCancelledAhead(cancellationToken))
        {
            Source.Abandon();
            OnFailure();
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        if (!Source.TryEndAtOnce(timeout, cancellationToken))
            return new ValueTask<T>(this, Source.Token);
        try
        {
            return new ValueTask<T>(Take(null));
        }
        catch (Exception e)
        {
            return ValueTask.FromException<T>(e);
        }
    }

    /// <inheritdoc/>
    public bool TrySuspend(CoroutineBox leaf, short token) => Source.TrySuspend(leaf, token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => Source.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => Source.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    public T GetResult(short token)
    {
        Source.RequireEnd(token);
        return Take(token);
    }

    /// <summary>Makes the result of a number from 0 up.</summary>
    protected abstract T Make(int result);

    /// <summary>The run has ended badly; its exception follows.</summary>
    protected virtual void OnFailure()
    {
    }

    // The result is made while the run is ours: what the operation has left beside the number is there until its end.
    private T Take(short? token)
    {
        int outcome = Source.TakeOutcome();
        try
        {
            return outcome >= 0 ? Make(outcome) : default!;
        }
        finally
        {
            End(token);
        }
    }

    private void End(short? token)
    {
        try
        {
            if (token is { } awaited)
                Source.GetResult(awaited);
            else
                Source.EndAtOnce();
        }
        catch
        {
            OnFailure(); // afterwards: the exception is about the descriptor as it was
            throw;
        }
    }
}
