namespace Qi.Actors.Load.Net;

/// <summary>What is compared in a workload.</summary>
internal enum NetGauge
{
    /// <summary>Round trips a second of a server that has no time left.</summary>
    Rate,

    /// <summary>The median time of a round trip; both sides wait for each other, so that nobody can be busy all the time.</summary>
    Latency,

    /// <summary>Managed memory of the server, buffers included, for each connection that does nothing. Of a server without a managed heap nothing is compared.</summary>
    Memory,
}

/// <summary>What the client does to a server.</summary>
/// <param name="Name">The word for it on the command line.</param>
/// <param name="Mode">The client's.</param>
/// <param name="Transport">What the server has to serve.</param>
/// <param name="Connections">How many are in use at a time.</param>
/// <param name="SizeBytes">Of a message.</param>
/// <param name="Window">Messages under way on a connection.</param>
/// <param name="Gauge">What is compared.</param>
internal sealed record NetWorkload(string Name, string Mode, Transport Transport, int Connections, int SizeBytes, int Window, NetGauge Gauge)
{
    private const int Many = 64;
    private const int MessageBytes = 64;

    /// <summary>How many connections do nothing, unless another number is asked for.</summary>
    public const int IdleConnections = 10_000;

    /// <summary>As many as the client takes.</summary>
    public const int MostConnections = 1_000_000;

    public static IReadOnlyList<NetWorkload> All { get; } =
    [
        new("echo", "echo", Transport.Tcp, Many, MessageBytes, 1, NetGauge.Rate),
        new("echo-1", "echo", Transport.Tcp, 1, MessageBytes, 1, NetGauge.Latency),
        new("echo-window", "echo", Transport.Tcp, Many, MessageBytes, 16, NetGauge.Rate),
        new("accept", "accept", Transport.Tcp, Many, 1, 1, NetGauge.Rate),
        new("udp", "udp", Transport.Udp, Many, MessageBytes, 1, NetGauge.Rate),
        new("idle", "idle", Transport.Tcp, IdleConnections, 1, 1, NetGauge.Memory),
    ];

    /// <summary>For the reader of a report.</summary>
    public string Description => Mode switch
    {
        "accept" => $"connect, a byte there and back, end; {Connections} at a time",
        "udp" => $"{Connections} sockets × {SizeBytes} B, a datagram under way on each",
        "idle" => $"{Connections} connections that do nothing; a server of its own for each round",
        _ => $"{Connections} {(Connections == 1 ? "connection" : "connections")} × {SizeBytes} B, window {Window}",
    };

    /// <summary>What is counted.</summary>
    public string Unit => Mode == "accept" ? "connections" : "round trips";

    /// <summary>What the client is told, but for where and how long.</summary>
    public IReadOnlyList<string> ClientArguments =>
        ["--mode", Mode, "--connections", Text(Connections), "--size", Text(SizeBytes), "--window", Text(Window)];

    /// <summary>The figure that is compared; null if the server has none.</summary>
    public double? ValueOf(ClientReport report) => Gauge switch
    {
        NetGauge.Rate => report.PerSecond,
        NetGauge.Latency => report.P50Ns ?? 0,
        _ => report.ManagedBytesEach,
    };

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
