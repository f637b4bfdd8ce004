// One simulated system with its clock, its faults and its log, on the thread that made it. Simulation runs a body in one; TestSystem lets a
// test drive one by hand.
//
// This file: the system and what stands around its turns. SimulatedWorld.Calls.cs: running it. SimulatedWorld.Waiting.cs: waiting inside of it.
// SimulatedWorld.Outside.cs: what goes past it.

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;
using Qi.Actors.Simulated;
using Qi.Actors.Testing.Faults;
using Qi.Actors.Testing.Outside;

namespace Qi.Actors.Testing.World;

/// <summary>A simulation in progress.</summary>
internal sealed partial class SimulatedWorld : SimulationHooks, IOutsideHost, IDisposable
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
        Logs = new LogRecorder(Time, this);
        Injector = new FaultInjector(options.Faults, seed);
        Dispatcher = new SimulatedDispatcher(seed, Time, this, options.TurnCost);
        System = new ActorSystem(options.System, Time, Logs, Dispatcher);
        DeadLetters = new DeadLetterRecorder(this);
        EventFilter = new EventFilters(Logs);
        Dispatcher.Begin(System.Pool);
        _watch = OutsideWatch.Begin(this);
    }

    public ulong Seed { get; }

    public SimulatedTime Time { get; }

    public LogRecorder Logs { get; }

    public DeadLetterRecorder DeadLetters { get; }

    public EventFilters EventFilter { get; }

    public FaultInjector Injector { get; }

    public SimulatedDispatcher Dispatcher { get; }

    public ActorSystem System { get; }

    public Random Random => _random ??= new Random((int)(Seed ^ (Seed >> 32)));

    /// <summary>What has ended the simulation before its time; null if nothing has.</summary>
    public Exception? Failure => Atomic.Read(ref _failure);

    /// <summary>Which turn is in progress, or was last: for reports. Any thread.</summary>
    public string CurrentTurn => Atomic.Read(ref _current) is { } item ? Describe(item) : "none";

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
    public void Fail(Exception failure) => Atomic.CompareExchange(ref _failure, failure, null);

    public void Dispose()
    {
        if (_hasEnded)
            return;
        Atomic.Write(ref _hasEnded, true);
        _watch.Dispose();
        try
        {
            System.EndDriven();
        }
        finally
        {
            Dispatcher.End();
        }
    }

    public override long DelayBefore(RunItem item)
    {
        Atomic.Write(ref _current, item);
        var jump = Injector.JumpBeforeTurn();
        if (jump > TimeSpan.Zero)
            Dispatcher.JumpClock(jump.Ticks);
        return item is ILiveActor ? Injector.DelayBefore(item).Ticks : 0;
    }

    public override void BeforeHandling(RunItem actor, object? message) => Injector.BeforeHandling(actor, message);

    public override long LatenessTicks() => Injector.LatenessOfWait().Ticks;

    public override bool GoesOnAtRest() => _waits.Count > 0 && EndWaitsAtRest();

    public override void EnterTurn()
    {
        _isInTurn = true;
        _watch.EnterTurn();
    }

    public override bool ExitTurn()
    {
        _watch.ExitTurn();
        _isInTurn = false;
        if (_options.TurnCost == TimeSpan.Zero)
            LetTimePassIfBusy();
        if (_waits.Count > 0)
            EndWaitsThatAreDone();
        return _failure is null;
    }

    private void RequireOurs<TMessage>(ActorRef<TMessage> actor)
    {
        if (actor.OwnerSystem != System)
            throw new ArgumentException($"{actor.Path} lives in another system. Spawn it in the simulation's own.", nameof(actor));
    }

    private static string Describe(RunItem item) => item switch
    {
        ILiveActor actor => actor.Path.Value,
        PostedCallback => "a continuation",
        _ => "a coroutine",
    };
}
