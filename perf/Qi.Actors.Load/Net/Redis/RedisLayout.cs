using System.Globalization;

namespace Qi.Actors.Load.Net.Redis;

/// <summary>Who may use which cores.</summary>
/// <param name="Name">The word for it on the command line.</param>
/// <param name="ServerCores">The server's, as taskset takes them.</param>
/// <param name="ClientCores">Those of redis-benchmark.</param>
/// <param name="Servers">Who takes part.</param>
internal sealed record RedisLayout(string Name, string ServerCores, string ClientCores, IReadOnlyList<RedisContender> Servers)
{
    private static readonly RedisContender s_redis = new("redis", "redis-server", ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]);
    private static readonly RedisContender s_qi = new("qi", null, []);
    private static readonly RedisContender s_qiOfTwo = new("qi, 2 workers", null, ["--workers", "2"]);

    /// <summary>Both layouts: a core for each side, and two cores that all share.</summary>
    public static IReadOnlyList<RedisLayout> Of(int first, int second) =>
    [
        new("apart", Text(first), Text(second), [s_redis, s_qi]),
        new("shared", $"{first},{second}", $"{first},{second}", [s_redis, s_qi, s_qiOfTwo]),
    ];

    private static string Text(int core) => core.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A server: redis-server, or the sample.</summary>
/// <param name="Name">What it is called in reports.</param>
/// <param name="Program">Its program; null for the sample.</param>
/// <param name="Arguments">What it is told besides the port.</param>
internal sealed record RedisContender(string Name, string? Program, IReadOnlyList<string> Arguments);

/// <summary>What is done to the servers.</summary>
/// <param name="Test">The word of redis-benchmark.</param>
/// <param name="Pipeline">How many commands are under way on each of its fifty connections.</param>
/// <param name="Requests">How many make a round.</param>
internal sealed record RedisWorkload(string Test, int Pipeline, int Requests)
{
    private const int Quick = 10;

    public string Description => $"{Test.ToUpperInvariant()}, 50 connections, -P {Pipeline}";

    public static IReadOnlyList<RedisWorkload> All(bool isQuick)
    {
        int part = isQuick ? Quick : 1;
        return [new("get", 1, 200_000 / part), new("set", 1, 200_000 / part), new("get", 16, 2_000_000 / part), new("set", 16, 2_000_000 / part)];
    }
}

/// <summary>One workload in one layout, with all servers that did it.</summary>
/// <param name="Layout">Who had which cores.</param>
/// <param name="Test">The word of redis-benchmark.</param>
/// <param name="Pipeline">How many commands were under way on each connection.</param>
/// <param name="Servers">redis-server first.</param>
internal sealed record RedisComparison(string Layout, string Test, int Pipeline, IReadOnlyList<RedisSeries> Servers);

/// <summary>What one server did, round by round.</summary>
internal sealed record RedisSeries(string Name, IReadOnlyList<RedisRound> Rounds);

/// <summary>What a round said.</summary>
/// <param name="PerSecond">Commands a second, by redis-benchmark.</param>
/// <param name="P50Ms">Half of the commands took no longer.</param>
/// <param name="CpuNs">Processor time of the server for one command.</param>
internal sealed record RedisRound(double PerSecond, double P50Ms, double CpuNs);
