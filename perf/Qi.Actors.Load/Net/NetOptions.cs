namespace Qi.Actors.Load.Net;

/// <summary>What a comparison of servers is asked to do.</summary>
internal sealed record NetOptions
{
    private const int RoundMs = 2000;
    private const int QuickRoundMs = 500;
    private const int FirstMs = 3000;
    private const int QuickFirstMs = 500;

    public required IReadOnlyList<NetWorkload> Workloads { get; init; }

    /// <summary>The words for the servers; empty for all.</summary>
    public required string[] Servers { get; init; }

    /// <summary>Where the client and the servers in C are; null for the checkout's own place.</summary>
    public string? Folder { get; init; }

    public required int Rounds { get; init; }

    /// <summary>How long a round counts.</summary>
    public required int Ms { get; init; }

    /// <summary>How long a server runs before its first round.</summary>
    public required int WarmUpMs { get; init; }

    public required int ServerCore { get; init; }

    public required int ClientCore { get; init; }

    /// <summary>A look, not a measurement.</summary>
    public required bool IsQuick { get; init; }

    public string? JsonPath { get; init; }

    public static NetOptions From(Arguments arguments)
    {
        arguments.Allow("workloads", "servers", "rounds", "ms", "warm-up", "server-core", "client-core", "quick", "json", "peers-folder", "idle-connections");
        bool isQuick = arguments.Has("quick");
        int idle = (int)Math.Min(arguments.Number("idle-connections", NetWorkload.IdleConnections), NetWorkload.MostConnections);
        var options = new NetOptions
        {
            Workloads = [.. ChooseWorkloads(arguments.Words("workloads")).Select(workload => workload.Gauge == NetGauge.Memory ? workload with { Connections = idle } : workload)],
            Servers = arguments.Words("servers"),
            Folder = arguments.Text("peers-folder"),
            IsQuick = isQuick,
            Rounds = CompareOptions.RoundsOf(arguments, isQuick),
            Ms = (int)Math.Min(arguments.Number("ms", isQuick ? QuickRoundMs : RoundMs), int.MaxValue),
            WarmUpMs = (int)Math.Min(arguments.Number("warm-up", isQuick ? QuickFirstMs : FirstMs), int.MaxValue),
            ServerCore = (int)Math.Min(arguments.Number("server-core", 0, least: 0), int.MaxValue),
            ClientCore = (int)Math.Min(arguments.Number("client-core", 1, least: 0), int.MaxValue),
            JsonPath = CompareOptions.Writable(arguments, "json"),
        };
        return options.ServerCore != options.ClientCore
            ? options
            : throw new UsageException($"--server-core and --client-core are both {options.ServerCore}. On one core the two would measure each other.");
    }

    private static NetWorkload[] ChooseWorkloads(string[] words)
    {
        foreach (string word in words.Except(NetWorkload.All.Select(workload => workload.Name), StringComparer.Ordinal))
            throw new UsageException($"There is no workload '{word}'. There are: {string.Join(", ", NetWorkload.All.Select(workload => workload.Name))}.");
        return [.. NetWorkload.All.Where(workload => words.Length == 0 || words.Contains(workload.Name, StringComparer.Ordinal))];
    }
}
