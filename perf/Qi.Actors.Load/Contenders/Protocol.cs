// One line of JSON each way. A contender says hello, then answers each "run <workload> <size>" with a reply; when its input ends, it ends.

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qi.Actors.Load.Contenders;

/// <summary>The first line of a contender: who it is and what it can do.</summary>
internal sealed record Hello(string Peer, string Version, int Threads, IReadOnlyList<string> Workloads);

/// <summary>What a contender measured in one round, or why it could not.</summary>
internal sealed record Reply
{
    /// <summary>Wall time of the work.</summary>
    public long Ns { get; init; }

    /// <summary>What proves that all was done.</summary>
    public long Result { get; init; }

    /// <summary>Processor time of the contender's process over the same span.</summary>
    public long CpuNs { get; init; }

    public double? BytesPerUnit { get; init; }

    public long? AllocatedBytes { get; init; }

    public double? P50Ns { get; init; }

    public double? P99Ns { get; init; }

    public double? P999Ns { get; init; }

    /// <summary>Successful steals by attempted ones.</summary>
    public double? StealSuccess { get; init; }

    /// <summary>Why there is no measurement; the rest means nothing then.</summary>
    public string? Error { get; init; }
}

/// <summary>A request of the harness.</summary>
internal sealed record Request(string Workload, int Size)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"run {Workload} {Size}");
}

/// <summary>Turns the lines of the protocol into objects and back.</summary>
internal static class Protocol
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string Write(Hello hello) => JsonSerializer.Serialize(hello, s_options);

    public static string Write(Reply reply)
        => reply.Error is { } error ? JsonSerializer.Serialize(new { error }, s_options) : JsonSerializer.Serialize(reply, s_options);

    /// <exception cref="FormatException">The line is no hello.</exception>
    public static Hello ReadHello(string line)
    {
        var hello = Read<Hello>(line, "a hello such as {\"peer\":\"Go\",\"version\":\"1\",\"threads\":2,\"workloads\":[\"tell\"]}");
        return hello.Peer is null || hello.Workloads is null
            ? throw new FormatException($"the hello '{Shorten(line)}' lacks \"peer\" or \"workloads\"")
            : hello;
    }

    /// <exception cref="FormatException">The line is no reply.</exception>
    public static Reply ReadReply(string line)
    {
        var reply = Read<Reply>(line, "a reply such as {\"ns\":123,\"result\":1,\"cpuNs\":234}");
        return reply is { Error: null, Ns: <= 0 }
            ? throw new FormatException($"the reply '{Shorten(line)}' lacks an \"ns\" above zero")
            : reply;
    }

    /// <exception cref="FormatException">The line is no request.</exception>
    public static Request ReadRequest(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is ["run", var workload, var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0
            ? new Request(workload, size)
            : throw new FormatException($"'{Shorten(line)}' is no request; a request is: run <workload> <size>");
    }

    private static T Read<T>(string line, string expected)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, s_options) ?? throw new FormatException($"'{Shorten(line)}' came; expected {expected}");
        }
        catch (JsonException e)
        {
            throw new FormatException($"'{Shorten(line)}' came; expected {expected}", e);
        }
    }

    private static string Shorten(string line) => line.Length <= 200 ? line : line[..200] + "…";
}
