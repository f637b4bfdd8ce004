using Qi.Actors.Simulated;
using Qi.Actors.Testing.World;

namespace Qi.Actors.Testing;

/// <summary>The world of one simulation, as its body sees it.</summary>
/// <remarks><b>Threads</b>: the simulation's own; the body and everything it spawns run there, one turn at a time.</remarks>
public sealed class SimulationContext
{
    private readonly SimulatedWorld _world;
    private int _probes;

    internal SimulationContext(SimulatedWorld world) => _world = world;

    /// <summary>The simulated system: spawn actors and coroutines in it.</summary>
    public ActorSystem System => _world.System;

    /// <summary>The virtual clock: give it to code that takes a <see cref="TimeProvider"/>.</summary>
    public TimeProvider Time => _world.Time;

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Now => TimeSpan.FromTicks(_world.Time.NowTicks);

    /// <summary>The seed.</summary>
    public ulong Seed => _world.Seed;

    /// <summary>Random numbers that depend on the seed only: for workloads that a seed must repeat.</summary>
    public Random Random => _world.Random;

    /// <summary>What was logged.</summary>
    public LogRecorder Logs => _world.Logs;

    /// <summary>The messages that nobody handled.</summary>
    public DeadLetterRecorder DeadLetters => _world.DeadLetters;

    /// <summary>Expects or mutes log messages while something is done.</summary>
    public EventFilters EventFilter => _world.EventFilter;

    /// <summary>Turns run so far.</summary>
    public long Turns => _world.Dispatcher.Turns;

    /// <summary>Makes an actor of the test, to be sent messages by the code under test. Await its expectations.</summary>
    /// <param name="name">Its name; null for <c>probe-1</c> and so on.</param>
    /// <typeparam name="T">The type of its messages; <c>object</c> for any.</typeparam>
    /// <exception cref="ArgumentException">The name is not a valid one.</exception>
    /// <exception cref="DuplicateActorNameException">An actor with this name lives.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public TestProbe<T> CreateProbe<T>(string? name = null)
    {
        _world.RequireThread();
        return new TestProbe<T>(_world, name ?? $"probe-{++_probes}");
    }

    /// <summary>Expects an actor to stop, well or by a failure.</summary>
    /// <inheritdoc cref="TestProbe{T}.ExpectStoppedAsync"/>
    public Task<Exception?> ExpectStoppedAsync<TMessage>(ActorRef<TMessage> actor, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(actor);
        return _world.CallAsync(() => _world.StoppedAsync(actor, within));
    }

    /// <summary>Moves the clock forward although work may be waiting: a machine that was asleep. Timers that are due then fire.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below zero, or beyond the last date that there is.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public void JumpClock(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        _world.RequireThread();
        SimulatedTime.RequireReachable(by, Time.GetUtcNow(), nameof(by));
        _world.Dispatcher.JumpClock(by.Ticks);
    }

    /// <summary>Kills an actor: it stops at once, and its completion fails with a <see cref="SimulatedFaultException"/>.</summary>
    /// <exception cref="ArgumentException">The actor lives in another system.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public void Kill<TMessage>(ActorRef<TMessage> actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        _world.RequireThread();
        _world.Kill(actor);
    }

    /// <summary>Puts an actor's next turn off: its messages wait, in order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not more than zero, or beyond the last date that there is.</exception>
    /// <exception cref="ArgumentException">The actor lives in another system.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public void DelayNext<TMessage>(ActorRef<TMessage> actor, TimeSpan by)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(by, TimeSpan.Zero);
        _world.RequireThread();
        SimulatedTime.RequireReachable(by, Time.GetUtcNow(), nameof(by));
        _world.DelayNext(actor, by);
    }

    /// <summary>Makes an actor's handler throw at the next message it is to handle.</summary>
    /// <param name="actor">The actor.</param>
    /// <param name="exception">What it throws; null for a <see cref="SimulatedFaultException"/>.</param>
    /// <exception cref="ArgumentException">The actor lives in another system.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public void ThrowAtNext<TMessage>(ActorRef<TMessage> actor, Exception? exception = null)
    {
        ArgumentNullException.ThrowIfNull(actor);
        _world.RequireThread();
        _world.ThrowAtNext(actor, exception);
    }

    /// <summary>Lets everything run until nothing is runnable and only timers wait.</summary>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task UntilIdleAsync()
    {
        _world.RequireThread();
        return _world.UntilIdleAsync();
    }

    /// <summary>Lets virtual time pass. The same as <c>Task.Delay</c> with <see cref="Time"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below zero, or more than <c>Task.Delay</c> takes, which is 49 days.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread than the simulation's.</exception>
    public Task DelayAsync(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        _world.RequireThread();
        return Task.Delay(delay, Time);
    }

    /// <summary>Fails the simulation unless a condition holds.</summary>
    /// <exception cref="SimulationCheckException">It does not.</exception>
    public static void Check(bool condition, string message)
    {
        if (!condition)
            throw new SimulationCheckException(message);
    }
}

/// <summary>A condition that a simulation was to check does not hold.</summary>
public sealed class SimulationCheckException : Exception
{
    /// <summary>Creates one without a message.</summary>
    public SimulationCheckException()
    {
    }

    /// <summary>Creates one.</summary>
    public SimulationCheckException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one with a cause.</summary>
    public SimulationCheckException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
