namespace Qi.Actors.Testing.Outside;

/// <summary>Work that a turn gave to the thread pool, to be run on the simulation's thread.</summary>
internal sealed class TakenWork
{
    private readonly PoolInternals _internals;
    private object? _work;

    internal TakenWork(PoolInternals internals, object work)
    {
        _internals = internals;
        _work = work;
        Source = work;
    }

    /// <summary>The task or work item.</summary>
    public object Source { get; }

    /// <summary>
    /// Does what a pool thread would do. Call it once, inside a turn of its own, with the synchronization context that pool threads are to have and no
    /// execution context. An exception of a task stays in the task; one of a bare work item comes through.
    /// </summary>
    public void Run()
    {
        var work = _work;
        if (work is null)
            return;

        _work = null;
        var outer = SynchronizationContext.Current;
        var flow = ExecutionContext.Capture();
        try
        {
            _internals.Run(work);
        }
        finally
        {
            // A work item leaves its context behind: the pool's loop would clean up after it.
            if (flow is not null)
                ExecutionContext.Restore(flow);
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>What it continues or calls: "Store.LoadAsync", "Store.Open (lambda)".</summary>
    public override string ToString() => WorkNames.Of(Source);
}
