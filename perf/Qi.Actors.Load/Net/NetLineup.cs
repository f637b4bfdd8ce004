using System.Globalization;

using Qi.Actors.Load.Contenders;

namespace Qi.Actors.Load.Net;

/// <summary>Who takes part: this program as each kind of server, and the servers and the client that <c>perf/peers/build.sh</c> makes.</summary>
internal sealed class NetLineup
{
    private const string Client = "echo-client";
    private const string ServerPrefix = "echo-server-";

    private static readonly string s_place = Path.Combine("perf", "peers", "bin", "net");

    private static readonly TimeSpan s_introduction = TimeSpan.FromSeconds(20);

    // The servers that the build makes; others in the folder take part too.
    private static readonly string[] s_known = ["epoll", "uring"];

    private readonly NetOptions _options;
    private readonly string _client;

    private NetLineup(NetOptions options, string client, IReadOnlyList<NetServer> servers)
    {
        _options = options;
        _client = client;
        Servers = servers;
    }

    public IReadOnlyList<NetServer> Servers { get; }

    /// <summary>Finds the client and chooses the servers; a line is said for each that is not built or does not start.</summary>
    public static NetLineup Choose(NetOptions options, Action<string> say)
    {
        string? folder = options.Folder ?? PeerFolder.FindUpwards(s_place);
        if (folder is null || !File.Exists(Path.Combine(folder, Client)))
            throw new UsageException($"The client is not built: there is no {Client} in {folder ?? s_place}. Build it with perf/peers/build.sh c.");
        string[] installed = [.. Directory.EnumerateFiles(folder, ServerPrefix + "*").Select(file => Path.GetFileName(file)[ServerPrefix.Length..]).Order(StringComparer.Ordinal)];
        string[] peers = [.. s_known.Union(installed, StringComparer.Ordinal)];
        string[] all = [.. ServerKind.All.Select(kind => kind.Name), .. peers];
        foreach (string word in options.Servers.Except(all, StringComparer.Ordinal))
            throw new UsageException($"--servers has '{word}', which nobody is called. There are: {string.Join(", ", all)}.");

        bool IsWanted(string name) => options.Servers.Length == 0 || options.Servers.Contains(name, StringComparer.Ordinal);
        foreach (string name in peers.Except(installed, StringComparer.Ordinal).Where(IsWanted))
            say($"{name} is skipped: it is not installed. Build it with perf/peers/build.sh c.");
        var inC = installed.Where(IsWanted).Select(name => new NetServer(name, [Path.Combine(folder, ServerPrefix + name)])).Where(server => Starts(server, say)).ToArray();
        return new NetLineup(options, Path.Combine(folder, Client),
        [
            .. ServerKind.All.Where(kind => IsWanted(kind.Name)).Select(kind => new NetServer(kind.Name, [.. DotNetContenders.ThisProgram(), "net-serve", "--kind", kind.Name]) { IsManaged = true }),
            .. inC,
        ]);
    }

    // Not every kernel and sandbox lets everybody have io_uring.
    private static bool Starts(NetServer server, Action<string> say)
    {
        try
        {
            using var process = Start(server.Name, [.. server.Command]);
            process.Read(NetProtocol.ReadReady, "its start", s_introduction);
            return true;
        }
        catch (ContenderException e)
        {
            say($"{server.Name} is skipped: it does not start. {e.Message}");
            return false;
        }
    }

    /// <summary>A server at work, on its core.</summary>
    public ContenderProcess Start(NetServer server, NetWorkload workload) => Start(
        server.Name,
        [
            .. server.Command, "--port", "0", "--protocol", workload.Transport == Transport.Udp ? "udp" : "tcp", "--core", Text(_options.ServerCore),
            .. (string[])(server.IsManaged ? ["--buffers", workload.Gauge == NetGauge.Memory ? "rented" : "kept"] : []),
        ]);

    /// <summary>A client at work, on the other core.</summary>
    /// <param name="workload">What it does.</param>
    /// <param name="server">To whom.</param>
    /// <param name="warmUpMs">How long before it counts.</param>
    /// <param name="ms">How long it counts.</param>
    public ContenderProcess StartClient(NetWorkload workload, Ready server, int warmUpMs, int ms) => Start(
        $"the client of {server.Server}",
        [
            _client, .. workload.ClientArguments, "--port", Text(server.Port), "--server-pid", Text(server.Pid), "--warm-up-ms", Text(warmUpMs), "--ms", Text(ms),
            "--core", Text(_options.ClientCore), "--server-core", Text(_options.ServerCore),
        ]);

    private static ContenderProcess Start(string name, string[] command) => ContenderProcess.Start(new Contender(name, command, static _ => true));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A server: what it is called and how it is started.</summary>
internal sealed record NetServer(string Name, IReadOnlyList<string> Command)
{
    /// <summary>True for this program: it has a managed heap, and tells how much is in it.</summary>
    public bool IsManaged { get; init; }
}
