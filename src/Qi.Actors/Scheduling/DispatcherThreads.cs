// The threads behind the dispatchers. A thread runs one dispatcher until the pool stops or the dispatcher is taken from it
// (it was stuck in a turn); then it waits here as a spare, for the next dispatcher that needs a thread, or ends.
//
// All state is under the lock; it is touched at start, at stop and at a hand-off only.

using Microsoft.Extensions.Logging;

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>Starts, lends and ends the threads that run dispatchers.</summary>
internal sealed class DispatcherThreads(DispatcherPool pool)
{
    private readonly Lock _lock = new();
    private readonly Stack<Member> _spares = new();
    private readonly List<Member> _all = [];
    private readonly Counters _retired = new();
    private ThreadContext? _driven;

    /// <summary>How many threads live.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _all.Count;
        }
    }

    /// <summary>Threads that were taken from their dispatcher and are still in the turn that was thought blocked, about.</summary>
    public int StrayCount
    {
        get
        {
            lock (_lock)
                return _all.Count - _spares.Count - pool.Dispatchers.Length;
        }
    }

    /// <summary>True if a blocked turn may still be given a spare thread.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
                return _spares.Count > 0 || _all.Count < pool.Settings.Dispatchers + pool.Settings.SpareThreadLimit;
        }
    }

    /// <summary>A thread that a driver runs turns on: its counters count.</summary>
    public void AddDriven(ThreadContext context)
    {
        lock (_lock)
            _driven = context;
    }

    /// <summary>Gives a dispatcher a thread: a spare one, or a new one. None once the pool stops: the dispatcher ends then.</summary>
    public void Assign(Dispatcher dispatcher)
    {
        Member? member;
        lock (_lock)
        {
            if (pool.IsStopping)
            {
                dispatcher.EndWithoutThread();
                return;
            }

            if (_spares.TryPop(out member))
            {
                member.Assignment = dispatcher;
                member.Signal.Release();
                return;
            }

            member = new Member { Assignment = dispatcher };
            _all.Add(member);
        }

        member.Thread = new RuntimeThread(() => Main(member), $"{pool.Settings.Name}-dispatcher-{dispatcher.Index}", pool.Settings.StackSizeBytes);
        member.Thread.Start();
    }

    /// <summary>The sum of the counters of all threads, past and present.</summary>
    public Counters SumCounters()
    {
        var sum = new Counters();
        lock (_lock)
        {
            sum.Add(_retired);
            if (_driven is not null)
                sum.Add(_driven.Counters);
            foreach (var member in _all)
            {
                if (member.Context is { } context)
                    sum.Add(context.Counters);
            }
        }

        return sum;
    }

    /// <summary>Waits until every thread has left its dispatcher; false if the time is up before.</summary>
    public bool Join(TimeSpan timeout)
    {
        Member[] members;
        lock (_lock)
        {
            foreach (var spare in _spares)
                spare.Signal.Release();
            _spares.Clear();
            members = [.. _all];
        }

        long deadlineNs = Clock.NowNs() + (long)timeout.TotalNanoseconds;
        bool isDone = true;
        foreach (var member in members)
        {
            if (member.Thread is { IsCurrent: true })
                continue;
            long leftNs = Math.Max(0, deadlineNs - Clock.NowNs());
            isDone &= member.Ended.Task.Wait(TimeSpan.FromTicks(leftNs / TimeSpan.NanosecondsPerTick));
        }

        return isDone;
    }

    /// <summary>Ends when every thread has. After the pool was told to stop, from when on there are no new ones.</summary>
    public Task WhenEnded()
    {
        lock (_lock)
            return Task.WhenAll(_all.Select(member => member.Ended.Task));
    }

    private void Main(Member member)
    {
        var context = ThreadContext.Instance;
        context.Probe = ThreadProbe.OfCurrentThread(); // published by the write of the dispatcher's thread
        Atomic.Write(ref member.Context, context);
        SynchronizationContext.SetSynchronizationContext(pool.SynchronizationContext);
        while (member.Assignment is { } dispatcher)
        {
            member.Assignment = null;
            Pin(dispatcher);
            dispatcher.RunLoop(context);
            if (pool.IsStopping || !WaitAsSpare(member))
                break;
        }

        context.Resource?.Close();
        context.Resource = null;
        pool.ThreadEnding?.Invoke(context);
        lock (_lock)
        {
            _all.Remove(member);
            _retired.Add(context.Counters);
        }

        member.Ended.TrySetResult();
        member.Dispose();
    }

    private bool WaitAsSpare(Member member)
    {
        lock (_lock)
        {
            if (pool.IsStopping)
                return false;
            _spares.Push(member);
        }

        if (member.Signal.Wait(pool.Settings.SpareKeepAlive))
            return member.Assignment is not null;
        lock (_lock)
        {
            if (member.Assignment is not null)
            {
                // Assigned between the time-out and the lock. The signal for it must not end a later wait.
                member.Signal.Wait();
                return true;
            }

            var others = _spares.Where(spare => spare != member).Reverse().ToArray();
            _spares.Clear();
            foreach (var other in others)
                _spares.Push(other);
            return false;
        }
    }

    private void Pin(Dispatcher dispatcher)
    {
        var cores = pool.Settings.Cores;
        if (cores.Count == 0)
            return;
        int core = cores[dispatcher.Index % cores.Count];
        try
        {
            Affinity.PinCurrentThread(core);
        }
        catch (PlatformException e)
        {
            SchedulingLog.PinFailed(pool.Logger, dispatcher.Index, core, e);
        }
    }

    private sealed class Member : IDisposable
    {
        public readonly SemaphoreSlim Signal = new(0);
        public readonly TaskCompletionSource Ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public Dispatcher? Assignment;
        public ThreadContext? Context;
        public RuntimeThread? Thread;

        public void Dispose() => Signal.Dispose();
    }
}
