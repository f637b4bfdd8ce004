// The namespace is not named after its room: Simulation is a class of Qi.Actors.Testing, which code in any namespace below Qi.Actors could not name then.

using Qi.Actors.Scheduling;

namespace Qi.Actors.Simulated;

/// <summary>What stands around a simulated dispatcher: it may hinder, and must be told. All calls but <see cref="OnItemFromOutside"/> come on the simulation's thread.</summary>
internal abstract class SimulationHooks
{
    /// <summary>An item was chosen for its turn. More than zero: it is put aside for that long instead.</summary>
    /// <returns><b>Units</b>: ticks of 100 ns.</returns>
    public abstract long DelayBefore(RunItem item);

    /// <summary>An actor is about to handle a message; what this throws, the handler seems to throw.</summary>
    public abstract void BeforeHandling(RunItem actor, object? message);

    /// <summary>Nothing is runnable, and time moves to the next timer: by how much it moves too far.</summary>
    public abstract long LatenessTicks();

    /// <summary>Nothing is runnable at this moment of virtual time. True if something has been made so.</summary>
    public abstract bool GoesOnAtRest();

    /// <summary>Before each turn.</summary>
    public abstract void EnterTurn();

    /// <summary>After each turn. False if the simulation must end.</summary>
    public abstract bool ExitTurn();

    /// <summary>The simulation's only thread is about to block.</summary>
    public abstract void BeforeBlocking();

    /// <summary>How long the thread may block between two runs, in milliseconds; infinite for as long as it likes.</summary>
    public abstract int LongestWaitMs { get; }

    /// <summary>The thread has blocked for so long, in vain. Throws.</summary>
    public abstract void OnLongestWaitOver();

    /// <summary>Something that the simulation does not control has made an item runnable. Any other thread.</summary>
    public abstract void OnItemFromOutside(RunItem item);
}
