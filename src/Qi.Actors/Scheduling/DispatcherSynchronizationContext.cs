namespace Qi.Actors.Scheduling;

/// <summary>Runs posted callbacks on the dispatchers: ordinary async code that starts there continues there.</summary>
/// <remarks><b>Threads</b>: any. <b>Order</b>: none between callbacks; two may run at once on two dispatchers.</remarks>
internal sealed class DispatcherSynchronizationContext(DispatcherPool pool) : DrivableSynchronizationContext(pool.Driver)
{
    public override void Post(SendOrPostCallback d, object? state) => PostedCallback.Post(pool, d, state);

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (ThreadContext.Existing?.Dispatcher?.Pool == pool)
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
}
