using Qi.Actors.Testing.World;

namespace Qi.Actors.Testing;

/// <summary>The world of one simulation, as its body sees it.</summary>
/// <remarks><b>Threads</b>: the simulation's own; the body and everything it spawns run there, one turn at a time.</remarks>
public sealed class SimulationContext
{
    private readonly SimulatedWorld _world;

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

    /// <summary>Turns run so far.</summary>
    public long Turns => _world.Dispatcher.Turns;

    /// <summary>Moves the clock forward although work may be waiting: a machine that was asleep. Timers that are due then fire.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below zero.</exception>
    public void JumpClock(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        _world.Dispatcher.JumpClock(by.Ticks);
    }

    /// <summary>Kills an actor: it stops at once, and its completion fails with a <see cref="SimulatedFaultException"/>.</summary>
    public void Kill<TMessage>(ActorRef<TMessage> actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        _world.Kill(actor);
    }

    /// <summary>Puts an actor's next turn off: its messages wait, in order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not more than zero.</exception>
    public void DelayNext<TMessage>(ActorRef<TMessage> actor, TimeSpan by)
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(by, TimeSpan.Zero);
        _world.DelayNext(actor, by);
    }

    /// <summary>Makes an actor's handler throw at the next message it is to handle.</summary>
    /// <param name="actor">The actor.</param>
    /// <param name="exception">What it throws; null for a <see cref="SimulatedFaultException"/>.</param>
    public void ThrowAtNext<TMessage>(ActorRef<TMessage> actor, Exception? exception = null)
    {
        ArgumentNullException.ThrowIfNull(actor);
        _world.ThrowAtNext(actor, exception);
    }

    /// <summary>Lets everything run until nothing is runnable and only timers wait.</summary>
    public Task UntilIdleAsync() => _world.UntilIdleAsync();

    /// <summary>Lets virtual time pass. The same as <c>Task.Delay</c> with <see cref="Time"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below zero.</exception>
    public Task DelayAsync(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
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
