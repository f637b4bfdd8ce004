using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Redis;

/// <summary>What the command line says.</summary>
internal sealed record Settings
{
    public const string Usage = """
        Redis [--port N=6379] [--bind ADDRESS=127.0.0.1] [--unixsocket PATH] [--workers N]

        A server for Redis' clients: redis-cli, redis-benchmark and others that speak RESP2. It knows GET, SET, MGET, MSET, INCR, INCRBY, DEL,
        EXISTS, EXPIRE, TTL, FLUSHALL, DBSIZE, SUBSCRIBE, UNSUBSCRIBE, PUBLISH, PING, ECHO, INFO, COMMAND, CONFIG GET and QUIT, and keeps all in memory.
        --port 0 takes any port that is free. --workers says how many dispatchers there are: by default one for two cores, since the kernel's part of the network and
        clients on the same machine need the others.

        Exit code: 0 if it was told to end, 1 if it cannot listen, 2 if the arguments are wrong.
        """;

    private const int DefaultPort = 6379;
    private const int MostWorkers = 1024;
    private const int CoresOfAWorker = 2;

    /// <summary>Where to listen.</summary>
    public required IReadOnlyList<EndPoint> EndPoints { get; init; }

    /// <summary>Dispatchers.</summary>
    public required int Workers { get; init; }

    /// <summary>Reads the command line. Null, or what is wrong with it; without settings if help is asked for.</summary>
    public static string? TryRead(string[] args, out Settings? settings)
    {
        settings = null;
        if (args is ["--help" or "-h" or "-?"])
            return null;
        var (port, address, workers) = (DefaultPort, IPAddress.Loopback, Math.Clamp(Environment.ProcessorCount / CoresOfAWorker, 1, MostWorkers));
        string? path = null;
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool isRight = args[i] switch
            {
                "--port" => TryNumber(value, IPEndPoint.MaxPort, out port),
                "--bind" => IPAddress.TryParse(value, out address!),
                "--unixsocket" => (path = value).Length > 0,
                "--workers" => TryNumber(value, MostWorkers, out workers) && workers > 0,
                _ => false,
            };
            if (!isRight)
                return $"'{args[i]} {value}' is not understood. Redis --help says more.";
        }

        EndPoint[] unix = path is null ? [] : [new UnixDomainSocketEndPoint(path)];
        settings = new Settings { EndPoints = [new IPEndPoint(address, port), .. unix], Workers = workers };
        return null;
    }

    private static bool TryNumber(string text, int most, out int number)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}
