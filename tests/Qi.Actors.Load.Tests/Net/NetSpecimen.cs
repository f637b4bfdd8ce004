using Qi.Actors.Load.Net;

namespace Qi.Actors.Load.Tests.Net;

/// <summary>Reports of clients, made by hand.</summary>
internal static class NetSpecimen
{
    private const long Second = 1_000_000_000;

    public static NetWorkload Rate { get; } = NetWorkload.All.Single(workload => workload.Name == "echo");

    public static NetWorkload Latency { get; } = NetWorkload.All.Single(workload => workload.Name == "echo-1");

    public static NetWorkload Memory { get; } = NetWorkload.All.Single(workload => workload.Name == "idle");

    /// <summary>A round of a second on cores that nobody else used, with these parts of it busy.</summary>
    public static ClientReport Report(double serverUse, double clientUse, long roundTrips = 1000) => new()
    {
        Ns = Second,
        RoundTrips = roundTrips,
        P50Ns = 1e9 / roundTrips,
        P99Ns = 2e9 / roundTrips,
        P999Ns = 3e9 / roundTrips,
        ServerCpuNs = Part(serverUse),
        ServerCoreIdleNs = Second - Part(serverUse),
        CpuNs = Part(clientUse),
        CoreIdleNs = Second - Part(clientUse),
    };

    /// <summary>Rounds that measured the server.</summary>
    public static NetSeries Series(string server, NetWorkload workload, params long[] roundTrips)
        => new(server, workload, [.. roundTrips.Select(count => Report(1, 0.5, count))]);

    private static long Part(double share) => (long)(share * Second);
}
