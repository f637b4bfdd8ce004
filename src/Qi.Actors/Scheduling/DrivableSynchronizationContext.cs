namespace Qi.Actors.Scheduling;

/// <summary>A context whose synchronous waits a driver, if there is one, is told of before they begin.</summary>
internal abstract class DrivableSynchronizationContext : SynchronizationContext
{
    private readonly PoolDriver? _driver;

    private protected DrivableSynchronizationContext(PoolDriver? driver)
    {
        _driver = driver;
        if (driver is not null)
            SetWaitNotificationRequired();
    }

    public sealed override int Wait(nint[] waitHandles, bool waitAll, int millisecondsTimeout)
    {
        if (_driver is null)
            return base.Wait(waitHandles, waitAll, millisecondsTimeout);
        _driver.BeforeBlocking();
        int limitMs = _driver.LongestWaitMs;
        if (limitMs == Timeout.Infinite || (uint)millisecondsTimeout <= (uint)limitMs)
            return base.Wait(waitHandles, waitAll, millisecondsTimeout);
        int signalled = base.Wait(waitHandles, waitAll, limitMs);
        if (signalled == WaitHandle.WaitTimeout)
            _driver.OnLongestWaitOver();
        return signalled;
    }

    public sealed override SynchronizationContext CreateCopy() => this;
}
