// The dispatchers of one system, the inject queue they share, and the ways in from any thread.

using System.Runtime.CompilerServices;

using Microsoft.Extensions.Logging;

using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>A set of dispatchers that share work.</summary>
internal sealed class DispatcherPool : IDisposable
{
    private readonly DispatcherThreads _threads;
    private readonly DispatcherMonitor _monitor;
    private int _nextRemote;
    private bool _isStopping;

    public DispatcherPool(PoolSettings settings)
    {
        Settings = settings;
        Time = new TimeSource(settings.TimeProvider);
        Reactors = new ReactorSet(this);
        Idle = new Idle(settings.Dispatchers);
        Dispatchers = new Dispatcher[settings.Dispatchers];
        for (int i = 0; i < Dispatchers.Length; i++)
            Dispatchers[i] = new Dispatcher(this, i);
        SynchronizationContext = new DispatcherSynchronizationContext(this);
        TaskScheduler = new DispatcherTaskScheduler(this);
        _threads = new DispatcherThreads(this);
        _monitor = new DispatcherMonitor(this, _threads);
    }

    public PoolSettings Settings { get; }

    public Dispatcher[] Dispatchers { get; }

    public InjectQueue Inject { get; } = new();

    public Idle Idle { get; }

    /// <summary>What waits for input and output.</summary>
    public ReactorSet Reactors { get; }

    /// <summary>Whoever built the pool, for code that has only a dispatcher at hand.</summary>
    public object? Owner { get; set; }

    /// <summary>Called by a dispatcher's thread as its last act.</summary>
    public Action<ThreadContext>? ThreadEnding { get; set; }

    public TimeSource Time { get; }

    public ILogger Logger => Settings.Logger;

    public DispatcherSynchronizationContext SynchronizationContext { get; }

    public DispatcherTaskScheduler TaskScheduler { get; }

    /// <summary>Whoever runs the turns in place of threads; null for threads.</summary>
    public PoolDriver? Driver => Settings.Driver;

    /// <summary>The context in which a coroutine awaits what is not ours: none, so that the wake takes the shortest way; a driver must see it.</summary>
    public SynchronizationContext? ForeignContext => Driver is null ? null : SynchronizationContext;

    /// <summary>True once the dispatchers were told to end.</summary>
    public bool IsStopping => Atomic.Read(ref _isStopping);

    /// <summary>Items that wait for a turn, about.</summary>
    public int QueuedCount
    {
        get
        {
            int count = Inject.Count;
            foreach (var dispatcher in Dispatchers)
                count += dispatcher.QueuedCount;
            return count;
        }
    }

    /// <summary>Timers that wait, about.</summary>
    public int WaitingTimers
    {
        get
        {
            int count = 0;
            foreach (var dispatcher in Dispatchers)
                count += dispatcher.Timers.Count;
            return count;
        }
    }

    /// <summary>Threads in all: those that run dispatchers, spare ones, and those stuck in a blocking turn.</summary>
    public int ThreadCount => _threads.Count;

    /// <summary>Turns that go on without a dispatcher, because they were thought blocked, about.</summary>
    public int StrayTurns => _threads.StrayCount;

    /// <summary>How often a dispatcher was taken from a blocked thread.</summary>
    public long HandOffs => _monitor.HandOffs;

    /// <summary>Starts a thread for each dispatcher; none if there is a driver, which calls <see cref="BeginDriving"/>.</summary>
    public void Start()
    {
        if (Driver is not null)
            return;
        foreach (var dispatcher in Dispatchers)
            _threads.Assign(dispatcher);
        _monitor.Start();
    }

    /// <summary>The calling thread runs all turns from now on. Driver.</summary>
    public void BeginDriving(ThreadContext thread)
    {
        _ = AmbientContext.Default; // found before any turn: it takes a thread to find
        _threads.AddDriven(thread);
        Dispatchers[0].BeginDriving(thread);
    }

    /// <summary>No turn will be run any more. Driver.</summary>
    public void EndDriving(ThreadContext thread)
    {
        Dispatchers[0].EndDriving();
        ThreadEnding?.Invoke(thread);
    }

    /// <summary>Makes an item runnable: on the calling dispatcher if there is one, else through the inject queue. Any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Schedule(RunItem item) => Schedule(item, ThreadContext.Existing, QueuePlace.Next);

    /// <summary>The same, for a caller that has its thread's context at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Schedule(RunItem item, ThreadContext thread) => Schedule(item, thread, QueuePlace.Next);

    /// <summary>Makes an item runnable whose turn has ended with work left.</summary>
    public void ScheduleAgain(RunItem item, ThreadContext thread) => Schedule(item, thread, QueuePlace.NextIfFree);

    /// <summary>Makes an item runnable that was just spawned.</summary>
    public void ScheduleFresh(RunItem item, ThreadContext thread) => Schedule(item, thread, QueuePlace.Fresh);

    /// <summary>Makes an item runnable behind everything else of its lane.</summary>
    public void ScheduleLast(RunItem item, ThreadContext thread) => Schedule(item, thread, QueuePlace.Last);

    /// <summary>The same for the item whose turn this is, as its last act: a yield, or a budget that is spent.</summary>
    public void ScheduleYielded(RunItem item, ThreadContext thread) => Schedule(item, thread, QueuePlace.LastOfItsTurn);

    /// <summary>Wakes a parked dispatcher, if one is parked and none searches.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void WakeOne()
    {
        Idle.TakeToWake()?.Parker.Unpark();
        _monitor.EnsureAwake();
    }

    /// <summary>Wakes the monitor if it sleeps: a dispatcher has left its sleep.</summary>
    public void EnsureMonitorAwake() => _monitor.EnsureAwake();

    /// <summary>True if any queue that a searcher could take from looks non-empty.</summary>
    public bool HasVisibleWork()
    {
        if (!Inject.IsEmpty)
            return true;
        if (!Settings.EnableWorkStealing)
            return false;
        foreach (var dispatcher in Dispatchers)
        {
            if (!dispatcher.Lanes.IsEmpty)
                return true;
        }

        return false;
    }

    /// <summary>Some dispatcher, by turns: for requests from threads that have none.</summary>
    public Dispatcher AnyDispatcher() => Dispatchers[(uint)Atomic.Add(ref _nextRemote, 1) % (uint)Dispatchers.Length];

    /// <summary>The sum of all threads' counters.</summary>
    public Counters SumCounters() => _threads.SumCounters();

    /// <summary>Tells the dispatchers to end after their current turns and waits for their threads; false if some are still in a turn.</summary>
    public bool Stop(TimeSpan timeout)
    {
        Atomic.Write(ref _isStopping, true);
        Inject.Close();
        if (Driver is not null)
            return true;
        _monitor.Stop();
        Atomic.Fence();
        foreach (var dispatcher in Dispatchers)
            dispatcher.Parker.Unpark();
        return _threads.Join(timeout);
    }

    /// <summary>Ends when the last thread has left its dispatcher. After a stop.</summary>
    public Task WhenThreadsEnded() => _threads.WhenEnded();

    /// <summary>After a stop: fires the timers that are left, so that nobody waits for an answer for ever.</summary>
    public void AbandonTimers()
    {
        foreach (var dispatcher in Dispatchers)
        {
            if (dispatcher.HasEnded)
                dispatcher.AbandonTimers();
        }
    }

    /// <summary>Lets go of everything, when the threads have ended: items that are queued are refused.</summary>
    public void Dispose()
    {
        foreach (var dispatcher in Dispatchers)
        {
            dispatcher.RefuseRest();
            dispatcher.Dispose();
        }

        for (int lane = 0; lane < Lanes.Count; lane++)
        {
            while (Inject.TryPop((Priority)lane) is { } item)
                item.Refuse();
        }

        _monitor.Dispose();
    }

    // Inlined with a constant place, so that each caller holds its own case only.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Schedule(RunItem item, ThreadContext? thread, QueuePlace place)
    {
        if (thread is null || !thread.TryEnter(this, out var dispatcher, out int before))
        {
            InjectItem(item);
            return;
        }

        dispatcher.ScheduleOnDispatcher(item, place);
        thread.Exit(before);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void InjectItem(RunItem item)
    {
        if (Driver is { } driver)
        {
            driver.TakeFromOutside(item);
            return;
        }

        if (!Inject.Push(item))
        {
            item.Refuse();
            return;
        }

        Atomic.Fence(); // W1 before W2 also for threads that a process-wide fence may find outside of the process
        if (Idle.ShouldWake)
            WakeOne();
    }
}
