using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qi.Actors.Load.Net;

/// <summary>The first line of a server.</summary>
/// <param name="Server">What it calls itself.</param>
/// <param name="Port">Where it listens, on the loopback address.</param>
/// <param name="Pid">The process whose processor time counts.</param>
internal sealed record Ready(string Server, int Port, int Pid)
{
    /// <summary>Why it does not serve; the rest means nothing then.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}

/// <summary>A server's answer to the line <c>memory</c>.</summary>
/// <param name="ManagedBytes">What lives in its managed heap after a full collection, buffers included.</param>
/// <param name="SlabBytes">Of that, what the chunks of its buffers take.</param>
internal sealed record ServerMemory(long ManagedBytes, long SlabBytes);

/// <summary>The line of a client: what it counted in its window, and how busy both sides were.</summary>
internal sealed record ClientReport
{
    /// <summary>How long the window was.</summary>
    public long Ns { get; init; }

    public long RoundTrips { get; init; }

    public int Connections { get; init; }

    /// <summary>Datagrams that did not come back and were sent again.</summary>
    public long Lost { get; init; }

    public double? P50Ns { get; init; }

    public double? P99Ns { get; init; }

    public double? P999Ns { get; init; }

    /// <summary>Processor time of the client.</summary>
    public long CpuNs { get; init; }

    /// <summary>How long the client's core had nothing to do; null where the kernel does not tell.</summary>
    public long? CoreIdleNs { get; init; }

    /// <summary>Processor time of the server.</summary>
    public long ServerCpuNs { get; init; }

    /// <summary>How long the server's core had nothing to do; null where the kernel does not tell.</summary>
    public long? ServerCoreIdleNs { get; init; }

    /// <summary>With connections that do nothing: how long it took to open them all.</summary>
    public double? OpenNs { get; init; }

    /// <summary>With these: growth of the server's resident set for each.</summary>
    public double? ServerBytesEach { get; init; }

    /// <summary>With these: growth of the server's managed heap for each, buffers included; the server said it, not the client.</summary>
    public double? ManagedBytesEach { get; init; }

    /// <summary>With these: growth of the chunks of buffers for each, which is a part of the managed heap.</summary>
    public double? SlabBytesEach { get; init; }

    /// <summary>Why there is no measurement; the rest means nothing then.</summary>
    public string? Error { get; init; }

    [JsonIgnore]
    public double PerSecond => RoundTrips * 1e9 / Ns;

    /// <summary>Processor time of the server for one round trip.</summary>
    [JsonIgnore]
    public double ServerCpuNsEach => ServerCpuNs / (double)RoundTrips;

    /// <summary>The part of what its core could give that the server used, at most: what others had of it, the server may have wanted.</summary>
    [JsonIgnore]
    public double ServerUse => Use(ServerCpuNs, ServerCoreIdleNs);

    /// <summary>The part of what its core could give that the client used, at most.</summary>
    [JsonIgnore]
    public double ClientUse => Use(CpuNs, CoreIdleNs);

    /// <summary>The part of the window in which somebody else had one of the two cores; null where the kernel does not tell.</summary>
    [JsonIgnore]
    public double? Disturbance
        => (OfOthers(ServerCpuNs, ServerCoreIdleNs), OfOthers(CpuNs, CoreIdleNs)) is ({ } server, { } client) ? Math.Max(server, client) : null;

    private double? OfOthers(long cpuNs, long? idleNs) => idleNs is { } idle ? Math.Clamp(1 - ((cpuNs + idle) / (double)Ns), 0, 1) : null;

    // What others had of the core, it could not give: neither they nor the kernel's work for the network, which some kernels put
    // down to nobody, make the process look idle.
    private double Use(long cpuNs, long? idleNs) => cpuNs == 0 ? 0 : Math.Min(1, cpuNs / (idleNs is { } idle ? (double)(cpuNs + idle) : Ns));
}

/// <summary>Turns the lines of servers and clients into objects and back.</summary>
internal static class NetProtocol
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web);

    public static string Write(Ready ready) => JsonSerializer.Serialize(ready, s_options);

    /// <exception cref="FormatException">The line does not say where a server listens.</exception>
    public static Ready ReadReady(string line)
        => Read<Ready>(line) switch
        {
            { Error: { } error } => throw new FormatException(error),
            { Server: not null, Port: > 0, Pid: > 0 } ready => ready,
            _ => throw new FormatException($"'{line}' came; expected a line such as {{\"server\":\"epoll\",\"port\":40123,\"pid\":4711}}"),
        };

    /// <exception cref="FormatException">The line is no report, or tells of a failure.</exception>
    public static ClientReport ReadReport(string line)
        => Read<ClientReport>(line) switch
        {
            { Error: { } error } => throw new FormatException(error),
            { Ns: > 0, RoundTrips: > 0 } report => report,
            { Ns: > 0 } => throw new FormatException("not one round trip in the whole window"),
            _ => throw new FormatException($"'{line}' came; expected a report such as {{\"ns\":1000000,\"roundTrips\":100}}"),
        };

    public static string Write(ServerMemory memory) => JsonSerializer.Serialize(memory, s_options);

    /// <exception cref="FormatException">The line does not say how much memory a server uses.</exception>
    public static ServerMemory ReadMemory(string line)
        => Read<ServerMemory>(line) is { ManagedBytes: > 0 } memory
            ? memory
            : throw new FormatException($"'{line}' came; expected a line such as {{\"managedBytes\":1000000,\"slabBytes\":262144}}");

    /// <summary>How many connections a client has opened, which it holds until it gets a line.</summary>
    /// <exception cref="FormatException">The line does not say it, or tells of a failure.</exception>
    public static int ReadOpen(string line)
        => Read<Opened>(line) switch
        {
            { Error: { } error } => throw new FormatException(error),
            { Open: > 0 and var open } => open,
            _ => throw new FormatException($"'{line}' came; expected a line such as {{\"open\":10000}}"),
        };

    private static T? Read<T>(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, s_options);
        }
        catch (JsonException e)
        {
            throw new FormatException($"'{line}' came, which is no line of JSON as it was expected", e);
        }
    }

    private sealed record Opened(int Open, string? Error);
}
