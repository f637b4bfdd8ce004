namespace Qi.Actors.Diagnostics;

/// <summary>What the runtime's elementary operations cost on a machine: what <see cref="PerformanceModel"/> predicts from.</summary>
/// <remarks>
/// <b>Units</b>: nanoseconds, but for <see cref="Crowding"/>. <b>Threads</b>: immutable. It serializes as JSON as it is: costs measured on
/// one machine can be kept and used on another. <b>Source</b>: <see cref="MeasureAsync"/>.
/// </remarks>
public sealed record UnitCosts
{
    /// <summary>Telling an actor that has a turn coming or is in one: the sender's part.</summary>
    public required double TellNs { get; init => field = Require(value, nameof(TellNs)); }

    /// <summary>Taking a message and calling the handler, within a turn of many messages: the receiver's part.</summary>
    public required double HandleNs { get; init => field = Require(value, nameof(HandleNs)); }

    /// <summary>What a turn costs besides its messages: scheduling it, finding it, beginning and ending it.</summary>
    public required double TurnNs { get; init => field = Require(value, nameof(TurnNs)); }

    /// <summary>Beginning a run: the second message in a row from one sender to one mailbox costs this much more, those after it do not.</summary>
    public double RunNs { get; init => field = Require(value, nameof(RunNs)); }

    /// <summary>How long a turn of many messages waits at its end for more of them, when its dispatcher has nothing else to do.</summary>
    public double LingerNs { get; init => field = Require(value, nameof(LingerNs)); }

    /// <summary>A coroutine's yield: one more turn.</summary>
    public required double YieldNs { get; init => field = Require(value, nameof(YieldNs)); }

    /// <summary>Spawning a coroutine: the spawner's part.</summary>
    public required double SpawnNs { get; init => field = Require(value, nameof(SpawnNs)); }

    /// <summary>The turn of a spawned coroutine that does nothing, and joining it.</summary>
    public required double JoinNs { get; init => field = Require(value, nameof(JoinNs)); }

    /// <summary>An ask and its reply, both sides together, on one dispatcher.</summary>
    public required double AskNs { get; init => field = Require(value, nameof(AskNs)); }

    /// <summary>What a turn costs more when its run item was stolen, the share of the steal included. Zero with one dispatcher.</summary>
    public double StealNs { get; init => field = Require(value, nameof(StealNs)); }

    /// <summary>The time from message to message when sender and receiver run on two dispatchers. Zero with one dispatcher.</summary>
    public double RemoteNs { get; init => field = Require(value, nameof(RemoteNs)); }

    /// <summary>From a tell by a thread outside to the handler, while a dispatcher searches.</summary>
    public required double PickUpNs { get; init => field = Require(value, nameof(PickUpNs)); }

    /// <summary>From a tell by a thread outside to the handler, when the dispatcher was parked.</summary>
    public required double WakeNs { get; init => field = Require(value, nameof(WakeNs)); }

    /// <summary>What unparking a dispatcher costs whoever does it.</summary>
    public required double UnparkNs { get; init => field = Require(value, nameof(UnparkNs)); }

    /// <summary>How many times longer the same work takes when all dispatchers work than when one does. <b>Units</b>: a ratio, 1 or more.</summary>
    public double Crowding
    {
        get;
        init => field = double.IsFinite(value) && value >= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Crowding is a ratio of times: give 1 (cores do not disturb each other) or more.");
    }

    = 1;

    /// <summary>Measures the costs on this machine.</summary>
    /// <param name="dispatchers">Dispatchers of the system to predict for; 0 for as many as a system has by default. At most 1024.</param>
    /// <param name="timeProvider">The clock to measure by; null for the machine's. It must be as fine as a microsecond.</param>
    /// <param name="progress">Is told the share done, from 0 to 1.</param>
    /// <param name="cancellationToken">Ends the measuring between two short runs.</param>
    /// <returns>Medians of short runs, taken in turn after a warm-up; lower quartiles of those runs that need several cores at once.</returns>
    /// <remarks>
    /// <b>Cost</b>: about two seconds of all cores, and two systems of its own, which end with it. Measure while the machine is otherwise
    /// quiet. <b>Threads</b>: any; the measuring runs on a thread of its own.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The number of dispatchers is out of range.</exception>
    /// <exception cref="ArgumentException">The clock is too coarse.</exception>
    /// <exception cref="OperationCanceledException">On await: cancelled.</exception>
    public static Task<UnitCosts> MeasureAsync(
        int dispatchers = 0,
        TimeProvider? timeProvider = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (dispatchers is < 0 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(dispatchers), dispatchers, "Give 1 to 1024 dispatchers, or 0 for one for each core.");
        var clock = timeProvider ?? TimeProvider.System;
        if (clock.TimestampFrequency < 1_000_000)
            throw new ArgumentException($"The clock ticks {clock.TimestampFrequency} times a second. Give one that ticks a million times or more, or null for the machine's.", nameof(timeProvider));
        return Task.Factory.StartNew(
            () => new UnitCostMeter(dispatchers, clock).Measure(progress, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);
    }

    private static double Require(double value, string name)
        => double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"{name} is a time in nanoseconds: give zero or more, or measure it with UnitCosts.MeasureAsync.");
}
