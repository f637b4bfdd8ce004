// The entry: builds the dispatchers, spawns actors and coroutines, knows names, and ends it all.
//
// This file: life and look-up. ActorSystem.Spawn.cs: the ways to spawn. ActorSystem.Stop.cs: the end.

using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using Qi.Actors.Collections;
using Qi.Actors.Coroutines;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>A running actor system: dispatchers, and the actors and coroutines that run on them.</summary>
/// <remarks><b>Threads</b>: any.</remarks>
public sealed partial class ActorSystem : IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<string, object> _names = new(StringComparer.Ordinal);
    private readonly LiveTable<RunItem> _live = new();
    private readonly BlockingPool _blocking;
    private readonly QiActorsOptions _options;
    private long _anonymous;
    private long _actorsSpawnedOutside;
    private long _actorsStoppedOutside;

    /// <summary>Starts a system.</summary>
    /// <param name="options">How to build it; null for the defaults.</param>
    /// <param name="timeProvider">The clock of timers and deadlines; null for the machine's.</param>
    /// <param name="loggerFactory">Where failures are logged; null for standard error, from level Warning up, or Debug if <see cref="QiActorsOptions.Debug"/> is set.</param>
    /// <exception cref="ArgumentException">An option is out of its range: the message names each one.</exception>
    public ActorSystem(QiActorsOptions? options = null, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
        : this(options, timeProvider, loggerFactory, driver: null)
    {
    }

    /// <summary>Makes a system whose turns a driver runs; null for threads.</summary>
    internal ActorSystem(QiActorsOptions? options, TimeProvider? timeProvider, ILoggerFactory? loggerFactory, PoolDriver? driver)
    {
        _options = options ?? new QiActorsOptions();
        var errors = _options.Validate();
        if (errors.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(options));
        Logger = loggerFactory?.CreateLogger("Qi.Actors") ?? new StandardErrorLogger(_options.Debug ? LogLevel.Debug : LogLevel.Warning);
        TimeProvider = timeProvider ?? TimeProvider.System;
        Pool = new DispatcherPool(_options.ToPoolSettings(TimeProvider, Logger, driver));
        Coroutines = new CoroutineHost(Pool, _live);
        Pool.Owner = Coroutines;
        Pool.ThreadEnding = thread => _live.Adopt(thread.LiveOwner);
        _blocking = new BlockingPool(_options.Name, _options.BlockingThreads);
        Pool.Start();
        if (IsDebug)
            ActorLog.Started(Logger, Name, Pool.Dispatchers.Length);
    }

    /// <summary>The system's name.</summary>
    public string Name => _options.Name;

    /// <summary>The clock of timers and deadlines.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>The messages that nobody handled.</summary>
    public DeadLetters DeadLetters { get; } = new();

    /// <summary>Runs tasks on the dispatchers: for <c>ExecutionDataflowBlockOptions.TaskScheduler</c> and <c>Task.Factory</c>.</summary>
    public TaskScheduler TaskScheduler => Pool.TaskScheduler;

    /// <summary>Posts callbacks to the dispatchers.</summary>
    public SynchronizationContext SynchronizationContext => Pool.SynchronizationContext;

    /// <summary>A snapshot of what the system has done and is doing.</summary>
    public RuntimeStatistics Statistics
    {
        get
        {
            long completed = Coroutines.CompletedCount; // before the spawned ones: what ends meanwhile is counted as active
            long spawned = Coroutines.SpawnedCount;
            var counters = Pool.SumCounters();
            return new RuntimeStatistics
            {
                ActiveTasks = spawned - completed,
                QueuedTasks = Pool.QueuedCount,
                CompletedTasks = completed,
                WorkerThreads = Pool.Dispatchers.Length,
                Threads = Pool.ThreadCount,
                Actors = ActorCount(counters),
                MessagesHandled = counters.Messages,
                Turns = counters.Turns,
                Steals = counters.Steals,
                StealAttempts = counters.StealAttempts,
                StolenItems = counters.StolenItems,
                Parks = counters.Parks,
                Overflows = counters.Overflows,
                TimersFired = counters.TimersFired,
                TimersWaiting = Pool.WaitingTimers,
                HandOffs = Pool.HandOffs,
                DeadLetters = DeadLetters.Count,
            };
        }
    }

    /// <summary>How the system was built.</summary>
    internal QiActorsOptions Options => _options;

    internal DispatcherPool Pool { get; }

    internal CoroutineHost Coroutines { get; }

    internal ILogger Logger { get; }

    internal bool IsDebug => _options.Debug;

    /// <summary>The actor with this name.</summary>
    /// <exception cref="ArgumentException">The name is not a valid one.</exception>
    /// <exception cref="ActorNotFoundException">No such actor lives, or it takes other messages.</exception>
    public ActorRef<TMessage> Get<TMessage>(string name)
    {
        ActorPath.ValidateName(name);
        _names.TryGetValue(name, out object? found);
        return found as ActorRef<TMessage> ?? throw ActorNotFoundException.NotThere(ActorPath.ForUser(name), typeof(TMessage), MessageTypeOf(found));
    }

    /// <summary>The actor with this name, if it lives and takes such messages.</summary>
    /// <exception cref="ArgumentNullException">The name is null.</exception>
    public bool TryGet<TMessage>(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ActorRef<TMessage>? actor)
    {
        ArgumentNullException.ThrowIfNull(name);
        actor = _names.TryGetValue(name, out object? found) ? found as ActorRef<TMessage> : null;
        return actor is not null;
    }

    /// <summary>The actor with this name, with its output.</summary>
    /// <exception cref="ArgumentException">The name is not a valid one.</exception>
    /// <exception cref="ActorNotFoundException">No such actor lives, it takes other messages, or it has no such output.</exception>
    public ActorRef<TMessage, TOutput> Get<TMessage, TOutput>(string name)
        => ((ActorCell<TMessage>)Get<TMessage>(name)).WithOutput<TOutput>()
        ?? throw ActorNotFoundException.WithoutOutput(ActorPath.ForUser(name), typeof(TMessage), typeof(TOutput));

    /// <summary>Sends a message after a delay, and then, if a period is given, again and again.</summary>
    /// <param name="actor">An actor of this system. A repeated message ends with it.</param>
    /// <param name="message">The message; the same one each time.</param>
    /// <param name="delay">At least zero. <b>Units</b>: rounded up to a quarter of a millisecond; never early.</param>
    /// <param name="period">More than zero. It does not drift; beats that were missed are skipped.</param>
    /// <returns>Stops the timer when disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative, or the period is not positive.</exception>
    /// <exception cref="ArgumentException">The actor lives in another system.</exception>
    public IDisposable Schedule<TMessage>(ActorRef<TMessage> actor, TMessage message, TimeSpan delay, TimeSpan? period = null)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        if (period <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(period), period, "Give a positive period, or null for a single message.");
        if (actor.OwnerSystem != this)
            throw new ArgumentException($"{actor.Path} lives in the system {actor.OwnerSystem.Name}, not in {Name}. Schedule it there.", nameof(actor));
        return new ScheduledTell<TMessage>(actor, message, delay, period);
    }

    /// <summary>Runs work that blocks on a thread of its own, so that no dispatcher waits for it.</summary>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="OperationCanceledException">On await: cancelled before it began.</exception>
    public Task RunBlocking(Action work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunBlocking(
            () =>
            {
                work();
                return true;
            },
            cancellationToken);
    }

    /// <summary>Runs work that blocks on a thread of its own, so that no dispatcher waits for it.</summary>
    /// <returns>What the work returned.</returns>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    /// <exception cref="OperationCanceledException">On await: cancelled before it began.</exception>
    public Task<T> RunBlocking<T>(Func<T> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        var source = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isTaken = TryRunBlocking(() =>
        {
            if (cancellationToken.IsCancellationRequested)
            {
                source.TrySetCanceled(cancellationToken);
                return;
            }

            try
            {
                source.TrySetResult(work());
            }
            catch (OperationCanceledException e)
            {
                source.TrySetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                source.TrySetException(e);
            }
        });
        return isTaken ? source.Task : throw new ObjectDisposedException(Name, "The system has stopped, and runs no more blocking work. Await what needs it before.");
    }

    /// <summary>What waits for something: actors in an asynchronous handler, and suspended coroutines. The driver's thread.</summary>
    internal List<string> DescribeWaiting()
    {
        var waiting = new List<string>();
        int coroutines = 0;
        _live.ForEach(item =>
        {
            if (item is ILiveActor { IsAwaiting: true } actor)
                waiting.Add($"{actor.Path} in an asynchronous handler");
            else if (item is CoroutineBox { IsDone: false })
                coroutines++;
        });
        if (coroutines > 0)
            waiting.Add(coroutines == 1 ? "one coroutine" : $"{coroutines} coroutines");
        return waiting;
    }

    // A driven system has one thread, so what blocks is a turn like any other; it takes no time by its clock.
    private bool TryRunBlocking(Action work)
    {
        if (Pool.Driver is null)
            return _blocking.TryRun(work);
        if (Pool.IsStopping)
            return false;
        PostedCallback.Post(Pool, static state => ((Action)state!)(), work);
        return true;
    }

    internal long NextAnonymousNumber() => Atomic.Add(ref _anonymous, 1);

    /// <summary>An actor has ended.</summary>
    internal void Forget(RunItem cell, string? name, ThreadContext thread)
    {
        if (name is not null)
            _names.TryRemove(KeyValuePair.Create(name, (object)cell));
        if (thread.Dispatcher?.Pool == Pool)
        {
            _live.Remove(cell.Slot, thread.LiveOwner);
            thread.Counters.ActorsStopped++;
        }
        else
        {
            _live.Remove(cell.Slot, null);
            Atomic.Add(ref _actorsStoppedOutside, 1);
        }

        if (IsDebug)
            ActorLog.ActorStopped(Logger, ((ILiveActor)cell).Path);
    }

    private static Type? MessageTypeOf(object? actor) => (actor as IAskTarget)?.MessageType;

    private long ActorCount(Counters counters)
        => counters.ActorsSpawned + Atomic.Read(ref _actorsSpawnedOutside) - counters.ActorsStopped - Atomic.Read(ref _actorsStoppedOutside);

    // Where no logger was given: failures must not vanish.
    private sealed class StandardErrorLogger(LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= least)
                Console.Error.WriteLine($"[{logLevel}] Qi.Actors: {formatter(state, exception)}{(exception is null ? "" : Environment.NewLine + exception)}");
        }
    }
}
