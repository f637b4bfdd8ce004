using System.Numerics;

using Microsoft.Extensions.Logging;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

/// <summary>How a system is built. Binds from the configuration section <c>QiActors</c>.</summary>
/// <remarks>The names and defaults are those of the Qi specification; docs/options.md maps the two.</remarks>
public sealed class QiActorsOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "QiActors";

    private const long LeastMemoryLimit = 1 << 20;

    /// <summary>The system's name: in logs and in the names of its threads. Default <c>qi</c>.</summary>
    public string Name { get; set; } = "qi";

    /// <summary>Dispatchers, each with a thread. Default 0: one for each core this process may use. At most 1024.</summary>
    public int WorkerThreads { get; set; }

    /// <summary>Capacity of each run queue of a dispatcher. <b>Units</b>: run items, rounded up to a power of two. Default 1024; 4 to 1,048,576.</summary>
    public int QueueCapacity { get; set; } = 1024;

    /// <summary>Stack of a dispatcher's thread. <b>Units</b>: bytes. Default 2 MiB; 128 KiB to 1 GiB.</summary>
    public int MaxStackSize { get; set; } = 2 * 1024 * 1024;

    /// <summary>Coroutine frames of one method that a dispatcher's thread keeps for reuse. Default 128; 0 keeps none; at most 65,536.</summary>
    public int StackPoolSize { get; set; } = 128;

    /// <summary>The longest a busy dispatcher goes without looking at timers and at work from outside. Default 1 ms; 10 µs to 1 s.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Whether an idle dispatcher takes work from a busy one. Default true.</summary>
    public bool EnableWorkStealing { get; set; } = true;

    /// <summary>Whether spawns, stops and hand-offs are logged, at level Debug; without a logger they go to standard error. Default false.</summary>
    public bool Debug { get; set; }

    /// <summary>Cores to pin the dispatchers to, in turn. Default none: they are not pinned.</summary>
    public IReadOnlyList<int> CpuAffinity { get; set; } = [];

    /// <summary>Messages an actor handles in one turn before others get theirs. Default 128; 1 to 1,000,000.</summary>
    public int TurnBudgetMessages { get; set; } = 128;

    /// <summary>Time after which a turn ends at the next message. Default 1 ms; 1 µs to 10 s.</summary>
    public TimeSpan TurnBudgetTime { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>A turn that lasts this long and blocks loses its dispatcher to a spare thread. Default 5 ms; 1 ms to 10 s.</summary>
    public TimeSpan BlockedTurnThreshold { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Threads that may be stuck in blocked turns, and threads of <c>RunBlocking</c>, at once. Default 512; 1 to 32,767.</summary>
    public int BlockingThreads { get; set; } = 512;

    /// <summary>How long at most an idle dispatcher looks for work before it sleeps: less after looks in vain. Default 30 µs; 0 to 1 s.</summary>
    public TimeSpan SpinTime { get; set; } = TimeSpan.FromMicroseconds(30);

    /// <summary>
    /// What waits for input and output. Default <see cref="ReactorChoice.Auto"/>: what suits the machine; the log says which and why, when it is first needed.
    /// </summary>
    public ReactorChoice Reactor { get; set; }

    /// <summary>
    /// The most memory that the system's buffers of input and output take, in use or kept for reuse. <b>Units</b>: bytes. Default 0: no limit; else at least
    /// 1 MiB. Beyond it a read that needs a buffer fails, and says so.
    /// </summary>
    public long MemoryLimit { get; set; }

    /// <summary>How long <c>DisposeAsync</c> waits for actors and coroutines to end. Default 5 s; 0 to 1 day.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Decides what the reactors are built on in place of <see cref="Reactor"/>: for tests with a reactor of their own. Null for none.</summary>
    internal Func<ReactorPlan>? ReactorPlan { get; set; }

    /// <summary>Everything that is wrong with these options; empty if nothing is. Each line names the key, the value and the range.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(Name) || Name.Length > 64)
            errors.Add(Describe(nameof(Name), $"'{Name}'", "a name of 1 to 64 characters"));
        CheckRange(errors, nameof(WorkerThreads), WorkerThreads, 0, 1024);
        CheckRange(errors, nameof(QueueCapacity), QueueCapacity, 4, 1 << 20);
        CheckRange(errors, nameof(MaxStackSize), MaxStackSize, 128 * 1024, 1 << 30);
        CheckRange(errors, nameof(StackPoolSize), StackPoolSize, 0, 65_536);
        CheckRange(errors, nameof(PollInterval), PollInterval, TimeSpan.FromMicroseconds(10), TimeSpan.FromSeconds(1));
        CheckRange(errors, nameof(TurnBudgetMessages), TurnBudgetMessages, 1, 1_000_000);
        CheckRange(errors, nameof(TurnBudgetTime), TurnBudgetTime, TimeSpan.FromMicroseconds(1), TimeSpan.FromSeconds(10));
        CheckRange(errors, nameof(BlockedTurnThreshold), BlockedTurnThreshold, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10));
        CheckRange(errors, nameof(BlockingThreads), BlockingThreads, 1, short.MaxValue);
        CheckRange(errors, nameof(SpinTime), SpinTime, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        CheckRange(errors, nameof(ShutdownTimeout), ShutdownTimeout, TimeSpan.Zero, TimeSpan.FromDays(1));
        if (MemoryLimit is not 0 and < LeastMemoryLimit)
            errors.Add(Describe(nameof(MemoryLimit), $"{MemoryLimit}", $"0 for no limit, or {LeastMemoryLimit} bytes and more"));
        if (ReactorPlans.Misfit(Reactor) is { } misfit)
            errors.Add($"{SectionName}:{nameof(Reactor)} is {Reactor}. {misfit}");
        CheckCores(errors);
        return errors;
    }

    internal PoolSettings ToPoolSettings(TimeProvider timeProvider, ILogger logger, PoolDriver? driver) => new()
    {
        Name = Name,
        Dispatchers = driver is not null ? 1 : WorkerThreads == 0 ? Topology.Current.RecommendedWorkers : WorkerThreads,
        RingCapacity = (int)BitOperations.RoundUpToPowerOf2((uint)QueueCapacity),
        StackSizeBytes = MaxStackSize,
        PooledFrames = StackPoolSize,
        PollIntervalNs = (long)PollInterval.TotalNanoseconds,
        EnableWorkStealing = EnableWorkStealing,
        TurnBudgetMessages = driver is null ? TurnBudgetMessages : 1, // to a driver each message is a choice of its own
        TurnBudgetNs = (long)TurnBudgetTime.TotalNanoseconds,
        Cores = [.. CpuAffinity],
        SpinNs = (long)SpinTime.TotalNanoseconds,
        BlockedTurnNs = (long)BlockedTurnThreshold.TotalNanoseconds,
        SpareThreadLimit = BlockingThreads,
        Reactors = ReactorPlan ?? (() => ReactorPlans.For(Reactor)),
        TimeProvider = timeProvider,
        Driver = driver,
        Logger = logger,
    };

    private static void CheckRange<T>(List<string> errors, string key, T value, T from, T to)
        where T : IComparable<T>
    {
        if (value.CompareTo(from) < 0 || value.CompareTo(to) > 0)
            errors.Add(Describe(key, $"{value}", $"{from} to {to}"));
    }

    private static string Describe(string key, string value, string range)
        => $"{SectionName}:{key} is {value}. Allowed: {range}.";

    private void CheckCores(List<string> errors)
    {
        if (CpuAffinity is null)
        {
            errors.Add(Describe(nameof(CpuAffinity), "null", "a list of core numbers, or an empty list"));
            return;
        }

        if (CpuAffinity.Count == 0)
            return;
        var allowed = Affinity.ProcessCores();
        foreach (int core in CpuAffinity)
        {
            if (!allowed.Contains(core))
                errors.Add(Describe(nameof(CpuAffinity), $"{core}", $"the cores of this process: {string.Join(", ", allowed)}"));
        }
    }
}
