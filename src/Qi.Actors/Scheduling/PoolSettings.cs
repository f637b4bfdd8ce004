using Microsoft.Extensions.Logging;

namespace Qi.Actors.Scheduling;

/// <summary>What a dispatcher pool is built from; validated by the options above it.</summary>
internal sealed record PoolSettings
{
    public required string Name { get; init; }

    public required int Dispatchers { get; init; }

    /// <summary>Capacity of each lane's ring: a power of two.</summary>
    public int RingCapacity { get; init; } = 1024;

    /// <summary>Stack of a dispatcher's thread in bytes; 0 takes the platform's default.</summary>
    public int StackSizeBytes { get; init; }

    /// <summary>Coroutine frames of one kind kept for reuse by each thread.</summary>
    public int PooledFrames { get; init; } = 128;

    /// <summary>The longest a busy dispatcher goes without looking at timers and injected work, in nanoseconds.</summary>
    public long PollIntervalNs { get; init; } = 1_000_000;

    public bool EnableWorkStealing { get; init; } = true;

    /// <summary>Messages an actor may handle in one turn.</summary>
    public int TurnBudgetMessages { get; init; } = 128;

    /// <summary>Nanoseconds after which a turn ends at the next message.</summary>
    public long TurnBudgetNs { get; init; } = 1_000_000;

    /// <summary>Cores to pin the dispatchers to, in turn; empty for none.</summary>
    public IReadOnlyList<int> Cores { get; init; } = [];

    /// <summary>How long a searching dispatcher spins before it parks.</summary>
    public long SpinNs { get; init; } = 30_000;

    /// <summary>A turn longer than this that blocks loses its dispatcher to a spare thread.</summary>
    public long BlockedTurnNs { get; init; } = 5_000_000;

    /// <summary>Threads that may be stuck in blocked turns at once; beyond it dispatchers wait for their turns.</summary>
    public int SpareThreadLimit { get; init; } = 512;

    /// <summary>How long a thread without a dispatcher waits for one before it ends.</summary>
    public TimeSpan SpareKeepAlive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Decides what the reactors are built on; asked once, when the first descriptor needs one.</summary>
    public Func<ReactorPlan> Reactors { get; init; } = static () => throw new PlatformNotSupportedException("This pool has no reactors.");

    /// <summary>Runs the pool's only dispatcher in place of threads; null for threads.</summary>
    public PoolDriver? Driver { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }
}
