namespace Qi.Actors.Diagnostics;

/// <summary>What a load will come to.</summary>
/// <param name="ThroughputPerSecond">What the load's shape counts, a second, in the long run.</param>
/// <param name="MeanLatencyNs">
/// How long one takes, waiting included; infinite if more comes than can be done. <b>Units</b>: nanoseconds, since a hop takes tens of them.
/// </param>
/// <param name="Utilisation">Share of all dispatchers' time that is spent in turns, from 0 to 1. Searching does not count.</param>
/// <param name="Limit">What keeps it from being faster.</param>
/// <param name="Bottleneck">The same in a sentence, with the figures.</param>
public sealed record Prediction(double ThroughputPerSecond, double MeanLatencyNs, double Utilisation, PerformanceLimit Limit, string Bottleneck)
{
    /// <summary>True if more comes than can be done: mailboxes grow without end.</summary>
    public bool IsSaturated => double.IsPositiveInfinity(MeanLatencyNs);

    /// <summary>The mean latency; <see cref="TimeSpan.MaxValue"/> if it is infinite. <b>Units</b>: steps of 100 ns.</summary>
    public TimeSpan MeanLatency
        => MeanLatencyNs / TimeSpan.NanosecondsPerTick < long.MaxValue ? new TimeSpan((long)(MeanLatencyNs / TimeSpan.NanosecondsPerTick)) : TimeSpan.MaxValue;
}

/// <summary>What keeps a load from being faster.</summary>
public enum PerformanceLimit
{
    /// <summary>Nothing does: what arrives is done.</summary>
    Arrivals,

    /// <summary>One actor, which handles one message at a time.</summary>
    Actor,

    /// <summary>All dispatchers are busy.</summary>
    Dispatchers,

    /// <summary>Too few messages are under way to keep anything busy.</summary>
    MessagesInFlight,

    /// <summary>The senders, or the coroutine that spawns.</summary>
    Senders,
}
