namespace Qi.Actors.Coroutines;

/// <summary>
/// A coroutine's failure that nobody has seen yet. If the coroutine is collected before anybody joins it or looks at its exception, the
/// failure is reported: as with tasks, but never by ending the process.
/// </summary>
internal sealed class UnobservedFailure(CoroutineHost host, Exception exception)
{
    private bool _isObserved;

    ~UnobservedFailure()
    {
        if (!_isObserved)
            host.ReportUnobserved(exception);
    }

    /// <summary>Somebody has seen it.</summary>
    public void Observe() => _isObserved = true;
}
