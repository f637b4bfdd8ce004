// One simulated system with its clock, its faults and its log, on the thread that made it. Simulation runs a body in one; TestSystem lets a
// test drive one by hand.

using Qi.Actors.Scheduling;
using Qi.Actors.Simulated;
using Qi.Actors.Testing.Faults;
using Qi.Actors.Testing.Outside;

namespace Qi.Actors.Testing.World;

/// <summary>A simulation in progress.</summary>
internal sealed class SimulatedWorld : SimulationHooks, IOutsideHost, IDisposable
{
    private readonly SimulationOptions _options;
    private readonly OutsideWatch _watch;
    private Random? _random;
    private RunItem? _current;
    private Exception? _failure;
    private bool _hasEnded;

    public SimulatedWorld(ulong seed, SimulationOptions options)
    {
        Seed = seed;
        _options = options;
        Time = new SimulatedTime(options.StartTime);
        Logs = new LogRecorder(Time);
        Injector = new FaultInjector(options.Faults, seed);
        Dispatcher = new SimulatedDispatcher(seed, Time, this, options.TurnCost);
        System = new ActorSystem(options.System, Time, Logs, Dispatcher);
        Dispatcher.Begin(System.Pool);
        _watch = OutsideWatch.Begin(this);
    }

    public ulong Seed { get; }

    public SimulatedTime Time { get; }

    public LogRecorder Logs { get; }

    public FaultInjector Injector { get; }

    public SimulatedDispatcher Dispatcher { get; }

    public ActorSystem System { get; }

    public Random Random => _random ??= new Random((int)(Seed ^ (Seed >> 32)));

    /// <summary>What has ended the simulation before its time; null if nothing has.</summary>
    public Exception? Failure => Qi.Actors.Platform.Atomic.Read(ref _failure);

    /// <summary>Which turn is in progress, or was last: for reports. Any thread.</summary>
    public string CurrentTurn => Qi.Actors.Platform.Atomic.Read(ref _current) is { } item ? Describe(item) : "none";

    /// <summary>Calls an asynchronous method as a turn of the simulation.</summary>
    public Task<T> Post<T>(Func<Task<T>> body)
    {
        var source = new TaskCompletionSource<T>();
        PostedCallback.Post(System.Pool, _ => RunAsync(body, source), null);
        return source.Task;
    }

    /// <summary>Runs the simulation until a task has ended. Throws what has hindered it, but not what the task ended with.</summary>
    public void RunUntilEnded(Task task)
    {
        switch (Dispatcher.RunUntil(() => task.IsCompleted || _failure is not null, _options.TimeLimit.Ticks, _options.TurnLimit))
        {
            case RunEnding.Stuck:
                throw Deadlock();
            case RunEnding.TimeUp:
                throw new SimulationObstacleException(SimulationObstacle.TimeLimit, $"The body has not ended within {_options.TimeLimit} of virtual time. Raise SimulationOptions.TimeLimit, or look for what it waits for: {DescribeWaiting()}.");
            case RunEnding.TurnLimit:
                throw new SimulationObstacleException(SimulationObstacle.TurnLimit, $"The body has not ended within {_options.TurnLimit:N0} turns. Raise SimulationOptions.TurnLimit, or look for actors that keep each other busy; the last turn was of {CurrentTurn}.");
            default:
                break;
        }

        if (Failure is { } failure)
            throw failure;
    }

    /// <summary>Ends when nothing is runnable any more.</summary>
    public async Task UntilIdleAsync()
    {
        do
            await Task.Yield();
        while (!Dispatcher.IsAtRest);
    }

    /// <summary>An actor of this world stops at once, with a failure.</summary>
    public void Kill<TMessage>(ActorRef<TMessage> actor)
    {
        RequireOurs(actor);
        FaultInjector.Kill(actor);
    }

    /// <summary>An actor's next turn is put off.</summary>
    public void DelayNext<TMessage>(ActorRef<TMessage> actor, TimeSpan by)
    {
        RequireOurs(actor);
        Injector.DelayNext(actor, by);
    }

    /// <summary>An actor's handler throws at its next message.</summary>
    public void ThrowAtNext<TMessage>(ActorRef<TMessage> actor, Exception? exception)
    {
        RequireOurs(actor);
        Injector.ThrowAtNext(actor, exception);
    }

    /// <summary>The simulation fails. The first failure counts. Any thread.</summary>
    public void Fail(Exception failure) => Qi.Actors.Platform.Atomic.CompareExchange(ref _failure, failure, null);

    public void Dispose()
    {
        if (_hasEnded)
            return;
        _hasEnded = true;
        _watch.Dispose();
        Dispatcher.End();
    }

    public override long DelayBefore(RunItem item)
    {
        Qi.Actors.Platform.Atomic.Write(ref _current, item);
        var jump = Injector.JumpBeforeTurn();
        if (jump > TimeSpan.Zero)
            Dispatcher.JumpClock(jump.Ticks);
        return item is ILiveActor ? Injector.DelayBefore(item).Ticks : 0;
    }

    public override void BeforeHandling(RunItem actor, object? message) => Injector.BeforeHandling(actor, message);

    public override long LatenessTicks() => Injector.LatenessOfWait().Ticks;

    public override void EnterTurn() => _watch.EnterTurn();

    public override bool ExitTurn()
    {
        _watch.ExitTurn();
        return _failure is null;
    }

    public override void BeforeBlocking()
    {
        try
        {
            BlockingWaitGuard.OnWait();
        }
        catch (BlockedTurnException e)
        {
            Fail(new SimulationObstacleException(SimulationObstacle.BlockedTurn, $"In a turn of {CurrentTurn}: {e.Message}"));
            throw;
        }
    }

    public override void OnItemFromOutside(RunItem item)
    {
        string thread = Thread.CurrentThread.IsThreadPoolThread ? "of the thread pool" : $"'{Thread.CurrentThread.Name ?? "without a name"}'";
        Fail(new SimulationObstacleException(
            SimulationObstacle.Outside,
            item is PostedCallback posted
                ? $"The simulation was sent {ForeignPost.CallOf(WorkNames.OfPost(posted.Callback!, posted.State))}, the thread {thread}. {ForeignPost.Remedy}"
                : $"The thread {thread}, which the simulation does not control, has called {Describe(item)}. Let simulated code send its messages."));
    }

    void IOutsideHost.Schedule(TakenTimer timer, TimeSpan due) => Time.Set(new TakenAlarm(timer), due);

    void IOutsideHost.Queue(TakenWork work) => PostedCallback.Post(System.Pool, static work => RunWithoutContext(((TakenWork)work!).Run), work);

    void IOutsideHost.Refuse(string call, string remedy)
        => Fail(new SimulationObstacleException(SimulationObstacle.Outside, $"In a turn of {CurrentTurn}: {call}. {remedy}"));

    private void RequireOurs<TMessage>(ActorRef<TMessage> actor)
    {
        if (actor.OwnerSystem != System)
            throw new ArgumentException($"{actor.Path} lives in another system. Spawn it in the simulation's own.", nameof(actor));
    }

    // As on a thread of the pool, where what is awaited comes back to no context.
    private static void RunWithoutContext(Action run)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private static async void RunAsync<T>(Func<Task<T>> body, TaskCompletionSource<T> source)
    {
        try
        {
            source.SetResult(await body());
        }
        catch (Exception e)
        {
            source.SetException(e);
        }
    }

    private static string Describe(RunItem item) => item switch
    {
        ILiveActor actor => actor.Path.Value,
        PostedCallback => "a continuation",
        _ => "a coroutine",
    };

    private SimulationObstacleException Deadlock()
        => new(SimulationObstacle.Deadlock, $"The body has not ended, but nothing is runnable and no timer is set. It waits for something that never comes, or that the simulation does not control. Waiting: {DescribeWaiting()}.");

    private string DescribeWaiting()
    {
        var waiting = System.DescribeWaiting();
        return waiting.Count == 0 ? "the body only" : string.Join(", ", waiting.Take(10)) + (waiting.Count > 10 ? $" and {waiting.Count - 10} more" : "");
    }

    private sealed class TakenAlarm(TakenTimer timer) : SimulatedAlarm
    {
        public override bool IsWanted => timer.IsScheduled;

        public override void Fire() => RunWithoutContext(() => timer.Fire());
    }
}
