// A system's pool is made when it is first asked for. A dispatcher's thread gets slabs of its own at its first rent; it gives back what is idle between its
// turns, and everything when it ends. What the other threads share is trimmed then too, by whichever dispatcher's thread comes by.

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.IO;

/// <summary>The buffers of actor systems.</summary>
public static class SystemBuffers
{
    private static readonly ConditionalWeakTable<ActorSystem, BufferPool> s_pools = [];
    private static readonly ConditionalWeakTable<ActorSystem, RingBuffers> s_ringBuffers = [];

    /// <summary>
    /// The buffers of a system: pinned, limited by <see cref="QiActorsOptions.MemoryLimit"/>. <b>Threads</b>: any; on a dispatcher's thread a rent takes a few
    /// nanoseconds.
    /// </summary>
    /// <exception cref="ArgumentNullException">There is no system.</exception>
    public static BufferPool GetBuffers(this ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        var pool = s_pools.GetValue(system, static system => new BufferPool(new BufferPoolOptions { MemoryLimitBytes = system.Options.MemoryLimit }));
        AttachThread(system, pool);
        return pool;
    }

    /// <summary>The same for reactors that hand buffers to the operating system before anything has come; null if this system's reactors do not.</summary>
    internal static RingBuffers? GetRingBuffers(this ActorSystem system)
        => system.Pool.Reactors.Plan.Kind == ReactorKind.Uring ? s_ringBuffers.GetValue(system, static system => new RingBuffers(system)) : null;

    /// <summary>The calling thread, if it is a dispatcher's of this system, gets buffers of its own.</summary>
    private static void AttachThread(ActorSystem system, BufferPool pool)
    {
        if (SlabPool.Current is not null || ThreadContext.Existing is not { Resource: null } thread || thread.Dispatcher?.Pool != system.Pool)
            return;
        var own = pool.CreateOwner();
        own.Attach();
        thread.Resource = new ThreadSlabs(own);
    }

    private sealed class ThreadSlabs(SlabPool own) : IThreadResource
    {
        public long Trim(long nowNs) => own.Pool.TrimFor(own, nowNs);

        public void Close() => own.Close();
    }
}
