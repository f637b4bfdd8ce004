using Qi.Actors.Load.Contenders;
using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Measuring;

/// <summary>What one contender did in one workload, round by round.</summary>
internal sealed class Series(Contender contender, Workload workload, int size, IReadOnlyList<Reply> rounds)
{
    /// <summary>Who did it.</summary>
    public Contender Contender => contender;

    public IReadOnlyList<Reply> Rounds => rounds;

    public bool IsComparable => contender.IsComparable(workload);

    /// <summary>What is compared, of each round: nanoseconds an operation, or the median lateness.</summary>
    public IReadOnlyList<double> Values { get; } = [.. rounds.Select(reply => ValueOf(workload, size, reply))];

    public double Median => Statistics.Median(Values);

    public double Min => Values.Min();

    public double Max => Values.Max();

    public double Spread => Statistics.Spread(Values);

    /// <summary>Processor time an operation.</summary>
    public double CpuNs => MedianOf(reply => reply.CpuNs / (double)size)!.Value;

    /// <summary>The share of all processors that was busy.</summary>
    public double CpuUse => MedianOf(reply => reply.CpuNs / ((double)reply.Ns * Environment.ProcessorCount))!.Value;

    public double? BytesPerUnit => MedianOf(reply => reply.BytesPerUnit);

    /// <summary>Bytes allocated for an operation.</summary>
    public double? AllocatedBytes => MedianOf(reply => (double?)reply.AllocatedBytes / size);

    public double? P99Ns => MedianOf(reply => reply.P99Ns);

    public double? P999Ns => MedianOf(reply => reply.P999Ns);

    public double? StealSuccess => MedianOf(reply => reply.StealSuccess);

    private static double ValueOf(Workload workload, int size, Reply reply)
        => workload.Gauge == Gauge.Latency && reply.P50Ns is { } late ? late : reply.Ns / (double)size;

    private double? MedianOf(Func<Reply, double?> figure)
    {
        double[] values = [.. rounds.Select(figure).OfType<double>()];
        return values.Length == 0 ? null : Statistics.Median(values);
    }
}
