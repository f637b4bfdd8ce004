using System.Diagnostics;

namespace Qi.Actors.Workloads;

/// <summary>A run's result, and what it measured itself.</summary>
/// <param name="Result">What proves that all was done.</param>
public sealed record Outcome(long Result)
{
    /// <summary>What the part that counts took; null if the whole run counts.</summary>
    public Spent? Spent { get; init; }

    /// <summary>Live memory of a party.</summary>
    public double? BytesPerUnit { get; init; }

    /// <summary>How late single operations were.</summary>
    public Latencies? Latencies { get; init; }

    /// <summary>Successful steals by attempted ones.</summary>
    public double? StealSuccess { get; init; }
}

/// <summary>What a span of work took: wall time, processor time of the whole process, and memory allocated in it.</summary>
public readonly record struct Spent(long Ns, long CpuNs, long AllocatedBytes);

/// <summary>Measures a span of work.</summary>
public readonly struct Meter
{
    private readonly long _startTicks;
    private readonly TimeSpan _cpu;
    private readonly long _bytes;

    private Meter(TimeSpan cpu, long bytes)
    {
        _cpu = cpu;
        _bytes = bytes;
        _startTicks = Stopwatch.GetTimestamp();
    }

    public static Meter Start() => new(CpuTime(), GC.GetTotalAllocatedBytes(precise: true));

    public Spent Stop()
    {
        var elapsed = Stopwatch.GetElapsedTime(_startTicks);
        return new Spent((long)elapsed.TotalNanoseconds, (long)(CpuTime() - _cpu).TotalNanoseconds, GC.GetTotalAllocatedBytes(precise: true) - _bytes);
    }

    private static TimeSpan CpuTime() => Environment.CpuUsage.TotalTime;
}

/// <summary>Quantiles of how late single operations were.</summary>
public sealed record Latencies(double P50Ns, double P99Ns, double P999Ns)
{
    /// <summary>Quantiles by nearest rank. The array is sorted.</summary>
    public static Latencies Of(long[] ticks)
    {
        Array.Sort(ticks);
        return new Latencies(Ns(ticks, 0.5), Ns(ticks, 0.99), Ns(ticks, 0.999));
    }

    private static double Ns(long[] sorted, double quantile)
    {
        int rank = (int)Math.Ceiling(quantile * sorted.Length);
        return sorted[Math.Clamp(rank - 1, 0, sorted.Length - 1)] * (1e9 / Stopwatch.Frequency);
    }
}
