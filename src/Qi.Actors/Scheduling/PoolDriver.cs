// Who runs the turns of a pool, if not threads of its own. A driven pool has one dispatcher and no monitor; its driver calls turn by turn
// what the loop of a thread would (Dispatcher.Drive.cs), and decides what the machine would decide: what is next, and what time it is.

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>Runs a pool's dispatcher in place of a thread.</summary>
internal abstract class PoolDriver
{
    /// <summary>True if the calling thread is one that a driver runs turns on.</summary>
    public static bool IsHere => ThreadContext.Existing?.Dispatcher?.Pool.Driver is not null;

    /// <summary>True if nothing is runnable but the caller's own turn.</summary>
    public abstract bool IsAtRest { get; }

    /// <summary>An item was made runnable on a thread that the driver does not run. It is not queued. Any thread; must not throw.</summary>
    public abstract void TakeFromOutside(RunItem item);

    /// <summary>The driven thread is about to block in a synchronous wait. What this throws is thrown there; if it returns, the wait goes on.</summary>
    public abstract void BeforeBlocking();

    /// <summary>How long the driven thread may block where <see cref="BeforeBlocking"/> lets it, in milliseconds; infinite for as long as it likes.</summary>
    public abstract int LongestWaitMs { get; }

    /// <summary>The driven thread has blocked for so long, in vain. Throws.</summary>
    public abstract void OnLongestWaitOver();

    /// <summary>An actor is sent a message. Any thread; must not throw.</summary>
    public abstract void BeforeTelling(RunItem actor);

    /// <summary>An actor is about to handle a message. What this throws is thrown in place of the handler's work.</summary>
    public abstract void BeforeHandling(RunItem actor, object? message);
}
