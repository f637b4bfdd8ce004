using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

using Qi.Actors.Load.Contenders;

namespace Qi.Actors.Load.Net.Redis;

/// <summary>A server at work on its cores, and rounds of redis-benchmark on the client's.</summary>
internal sealed class RedisRunner : IDisposable
{
    private const string Ready = "Ready to accept connections";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly string s_samplePlace = Path.Combine("samples", "Redis", "bin", "Release");

    private readonly RedisLayout _layout;
    private readonly ContenderProcess _server;
    private readonly int _port;

    public RedisRunner(RedisLayout layout, RedisContender contender)
    {
        _layout = layout;
        Name = contender.Name;
        _port = FreePort();
        string[] program = contender.Program is { } given ? [given] : ["dotnet", "exec", FindSample()];
        _server = Start(Name, ["taskset", "-c", layout.ServerCores, .. program, "--port", Text(_port), .. contender.Arguments]);
        while (!_server.Read(static line => line.Contains(Ready, StringComparison.Ordinal), "its start", s_patience))
        {
            // What it says before is of no interest.
        }
    }

    public string Name { get; }

    /// <summary>One round.</summary>
    /// <exception cref="ContenderException">The client has failed.</exception>
    public RedisRound Run(RedisWorkload workload)
    {
        var before = Process.GetProcessById(_server.Id).TotalProcessorTime;
        using var client = Start(
            "redis-benchmark",
            [
                "taskset", "-c", _layout.ClientCores, "redis-benchmark", "-p", Text(_port), "-t", workload.Test, "-n", Text(workload.Requests), "-P", Text(workload.Pipeline), "--csv",
            ]);
        double[]? figures = null;
        while (figures is null)
            figures = client.Read(line => FiguresOf(line, workload.Test), "its report", s_patience);
        var spent = Process.GetProcessById(_server.Id).TotalProcessorTime - before;
        return new RedisRound(figures[0], figures[3], spent.TotalNanoseconds / workload.Requests);
    }

    public void Dispose() => _server.Dispose();

    /// <summary>The numbers of a line such as <c>"GET","66225.16","0.440","0.100","0.431","0.623","0.775","1.319"</c>: the rate, then times. Null for another line.</summary>
    internal static double[]? FiguresOf(string line, string test)
    {
        string[] words = [.. line.Split(',').Select(word => word.Trim('"'))];
        return words.Length > 4 && words[0].Equals(test, StringComparison.OrdinalIgnoreCase)
            ? [.. words.Skip(1).Select(word => double.Parse(word, CultureInfo.InvariantCulture))]
            : null;
    }

    private static ContenderProcess Start(string name, string[] command) => ContenderProcess.Start(new Contender(name, command, static _ => true));

    /// <summary>The sample's program.</summary>
    /// <exception cref="UsageException">It is not built.</exception>
    public static string FindSample()
    {
        string? folder = PeerFolder.FindUpwards(s_samplePlace);
        return (folder is null ? null : Directory.EnumerateFiles(folder, "Redis.dll", SearchOption.AllDirectories).FirstOrDefault())
            ?? throw new UsageException("The sample is not built. Build it with: dotnet build samples/Redis -c Release");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
