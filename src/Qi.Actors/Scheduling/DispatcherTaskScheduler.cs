namespace Qi.Actors.Scheduling;

/// <summary>Runs tasks, and so stock dataflow blocks, on the dispatchers.</summary>
/// <remarks><b>Threads</b>: any.</remarks>
internal sealed class DispatcherTaskScheduler : TaskScheduler
{
    private readonly DispatcherPool _pool;
    private readonly SendOrPostCallback _execute;

    public DispatcherTaskScheduler(DispatcherPool pool)
    {
        _pool = pool;
        _execute = state => TryExecuteTask((Task)state!);
    }

    public override int MaximumConcurrencyLevel => _pool.Settings.Dispatchers;

    protected override void QueueTask(Task task)
    {
        if (task.CreationOptions.HasFlag(TaskCreationOptions.LongRunning) && _pool.Driver is null)
        {
            new Thread(state => TryExecuteTask((Task)state!)) { IsBackground = true, Name = "qi-long-running" }.UnsafeStart(task);
            return;
        }

        PostedCallback.Post(_pool, _execute, task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
        => !taskWasPreviouslyQueued && ThreadContext.Existing?.Dispatcher?.Pool == _pool && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
