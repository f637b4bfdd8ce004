using Qi.Actors.Load.Measuring;

namespace Qi.Actors.Load.Net;

/// <summary>What one server did in one workload, round by round.</summary>
internal sealed class NetSeries(string server, NetWorkload workload, IReadOnlyList<ClientReport> rounds)
{
    private readonly ClientReport[] _valid = [.. rounds.Where(round => Saturation.Judge(workload.Gauge, round) != Verdict.Unsaturated)];

    public string Server => server;

    /// <summary>All rounds, those too that were thrown out.</summary>
    public IReadOnlyList<ClientReport> Rounds => rounds;

    /// <summary>How many rounds count.</summary>
    public int ValidRounds => _valid.Length;

    /// <summary>What is compared, of each round that counts.</summary>
    public IReadOnlyList<double> Values => [.. _valid.Select(workload.ValueOf).OfType<double>()];

    /// <summary>Null if no round counts.</summary>
    public double? Median => MedianOf(workload.ValueOf);

    public double? Min => Values.Count == 0 ? null : Values.Min();

    public double? Max => Values.Count == 0 ? null : Values.Max();

    public double Spread => Values.Count == 0 ? 0 : Statistics.Spread(Values);

    public bool IsNoisy => Spread > Comparison.NoisySpread;

    /// <summary>True if half or more of the rounds that count are floors: the server can do at least the median.</summary>
    public bool IsFloor => IsHalf(Verdict.Floor);

    /// <summary>True if half or more of the rounds that count were disturbed by others.</summary>
    public bool IsDisturbed => IsHalf(Verdict.Disturbed);

    public double? P50Ns => MedianOf(round => round.P50Ns);

    public double? P99Ns => MedianOf(round => round.P99Ns);

    public double? P999Ns => MedianOf(round => round.P999Ns);

    /// <summary>Processor time of the server for a round trip.</summary>
    public double? ServerCpuNs => MedianOf(round => round.ServerCpuNsEach);

    /// <summary>The same of each round that counts.</summary>
    public IReadOnlyList<double> CpuValues => [.. _valid.Select(round => round.ServerCpuNsEach)];

    public double? ServerUse => MedianOf(round => round.ServerUse);

    public double? ClientUse => MedianOf(round => round.ClientUse);

    /// <summary>The part of the time in which others had one of the cores.</summary>
    public double? Disturbance => MedianOf(round => round.Disturbance);

    /// <summary>Of the managed memory for each connection, what the chunks of buffers take.</summary>
    public double? SlabBytesEach => MedianOf(round => round.SlabBytesEach);

    /// <summary>Growth of the server's resident set for each connection.</summary>
    public double? ResidentBytesEach => MedianOf(round => round.ServerBytesEach);

    /// <summary>How long it took to open a connection, with a byte there and back.</summary>
    public double? OpenNsEach => MedianOf(round => round.OpenNs / round.Connections);

    /// <summary>The part of the window in which the server computed.</summary>
    public double? ServerCpuShare => MedianOf(round => round.ServerCpuNs / (double)round.Ns);

    public long Lost => _valid.Sum(round => round.Lost);

    private bool IsHalf(Verdict verdict) => _valid.Count(round => Saturation.Judge(workload.Gauge, round) == verdict) * 2 >= Math.Max(1, _valid.Length);

    private double? MedianOf(Func<ClientReport, double?> figure)
    {
        double[] values = [.. _valid.Select(figure).OfType<double>()];
        return values.Length == 0 ? null : Statistics.Median(values);
    }

    private double? MedianOf(Func<ClientReport, double> figure) => MedianOf(round => (double?)figure(round));
}
