namespace Qi.Actors.Scheduling;

/// <summary>Runs posted callbacks on the dispatchers: ordinary async code that starts there continues there.</summary>
/// <remarks><b>Threads</b>: any. <b>Order</b>: none between callbacks; two may run at once on two dispatchers.</remarks>
internal sealed class DispatcherSynchronizationContext : SynchronizationContext
{
    private readonly DispatcherPool _pool;

    public DispatcherSynchronizationContext(DispatcherPool pool)
    {
        _pool = pool;
        if (pool.Driver is not null)
            SetWaitNotificationRequired();
    }

    public override int Wait(nint[] waitHandles, bool waitAll, int millisecondsTimeout)
    {
        if (_pool.Driver is not { } driver)
            return base.Wait(waitHandles, waitAll, millisecondsTimeout);
        driver.BeforeBlocking();
        int limitMs = driver.LongestWaitMs;
        if (limitMs == Timeout.Infinite || (uint)millisecondsTimeout <= (uint)limitMs)
            return base.Wait(waitHandles, waitAll, millisecondsTimeout);
        int signalled = base.Wait(waitHandles, waitAll, limitMs);
        if (signalled == WaitHandle.WaitTimeout)
            driver.OnLongestWaitOver();
        return signalled;
    }

    public override void Post(SendOrPostCallback d, object? state) => PostedCallback.Post(_pool, d, state);

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (ThreadContext.Existing?.Dispatcher?.Pool == _pool)
        {
            d(state);
            return;
        }

        using var done = new ManualResetEventSlim();
        Exception? failure = null;
        Post(
            _ =>
            {
                try
                {
                    d(state);
                }
                catch (Exception e)
                {
                    failure = e;
                }
                finally
                {
                    done.Set();
                }
            },
            null);
        done.Wait();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    public override SynchronizationContext CreateCopy() => this;
}
