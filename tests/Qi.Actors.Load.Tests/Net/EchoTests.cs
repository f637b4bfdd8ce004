using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Net;

namespace Qi.Actors.Load.Tests.Net;

/// <summary>The client in C against servers of all kinds, with small counts: what is sent comes back, and the client notices if not.</summary>
[Platform("Linux")]
internal sealed class EchoTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static readonly string[] s_peers = ["epoll", "uring"];

    private static IEnumerable<string> Kinds => ServerKind.All.Select(kind => kind.Name);

    private static IEnumerable<string> Servers => [.. Kinds, .. s_peers];

    private static IEnumerable<TestCaseData> Cases
        => from server in Servers
           from arguments in (string[])
           [
               "--mode echo --connections 8 --count 500 --ms 60000",
               "--mode echo --connections 3 --size 1000 --window 16 --count 500 --ms 60000",
               "--mode echo --connections 2 --size 1000000 --window 24 --count 50 --ms 60000",
               "--mode accept --connections 8 --count 200 --ms 60000",
               "--mode idle --connections 50 --ms 1",
               "--mode udp --connections 8 --count 500 --ms 60000",
           ]
           select new TestCaseData(server, arguments).SetArgDisplayNames(server, arguments);

    [TestCaseSource(nameof(Cases))]
    public void Client_AgainstAServer_GetsEveryByteBack(string server, string arguments)
    {
        using var process = Start(server, "--protocol", arguments.Contains("udp", StringComparison.Ordinal) ? "udp" : "tcp");
        var ready = ReadReady(process, server);

        var report = RunClient(ready.Port, [.. arguments.Split(' '), "--warm-up-ms", "0", "--server-pid", $"{ready.Pid}"]);

        Assert.That((ready.Server, ready.Pid), Is.EqualTo((server, process.Id)));
        Assert.That(report.RoundTrips, Is.GreaterThanOrEqualTo(arguments.Contains("--count 500 --ms 60000", StringComparison.Ordinal) ? 500 : 50));
        Assert.That(new[] { report.P50Ns, report.P99Ns, report.P999Ns }, Is.Ordered.And.All.Positive);
        Assert.That(report.CpuNs, Is.Positive);
    }

    [Test]
    public void Client_AgainstAServerThatRentsItsBuffers_GetsEveryByteBack([ValueSource(nameof(Kinds))] string server)
    {
        using var process = Start(server, "--buffers", "rented");
        var ready = ReadReady(process, server);

        Assert.That(RunClient(ready.Port, ["--mode", "echo", "--connections", "8", "--size", "9000", "--window", "4", "--count", "500", "--ms", "60000"]).RoundTrips, Is.GreaterThanOrEqualTo(500));
        Assert.That(RunClient(ready.Port, ["--mode", "accept", "--connections", "8", "--count", "200", "--ms", "60000"]).RoundTrips, Is.GreaterThanOrEqualTo(200));
    }

    [Test]
    public void Server_AskedForItsMemory_TellsIt([ValueSource(nameof(Kinds))] string server)
    {
        using var process = Start(server, "--buffers", "rented");
        var ready = ReadReady(process, server);
        using var client = StartClient(ready.Port, ["--mode", "idle", "--connections", "500", "--ms", "1", "--warm-up-ms", "0"]);
        process.Say("memory");
        var before = process.Read(NetProtocol.ReadMemory, "its memory", s_patience);

        Assert.That(client.Read(NetProtocol.ReadOpen, "opening", s_patience), Is.EqualTo(500));
        process.Say("memory");
        var after = process.Read(NetProtocol.ReadMemory, "its memory", s_patience);
        client.Say("go on");
        client.Read(NetProtocol.ReadReport, "its run", s_patience);

        Assert.That(after.ManagedBytes, Is.GreaterThan(after.SlabBytes));
        Assert.That((after.ManagedBytes - before.ManagedBytes) / 500, Is.LessThan(4096), "no connection holds a buffer");
    }

    [Test]
    public void Server_OfEveryKind_IsConfinedFromItsStartAndHasItsSettings([ValueSource(nameof(Servers))] string server)
    {
        using var process = Start(server);
        var ready = ReadReady(process, server);

        string[] cores = [.. Directory.GetDirectories($"/proc/{ready.Pid}/task").SelectMany(task => File.ReadLines(Path.Combine(task, "status"))).Where(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal))];
        string[] environment = File.ReadAllText($"/proc/{ready.Pid}/environ").Split('\0');
        var settings = ServerKind.All.FirstOrDefault(kind => kind.Name == server)?.Settings ?? new Dictionary<string, string>(StringComparer.Ordinal);

        Assert.That(cores, Is.Not.Empty.And.All.EndWith($"\t{Platform.Affinity.ProcessCores()[0]}"));
        Assert.That(settings.Select(setting => $"{setting.Key}={setting.Value}"), Is.SubsetOf(environment));
    }

    [Test]
    public void Histogram_Quantiles_AreThoseOfTheSortedSamples()
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(Path.Combine(PeersInC.Folder, "check-histogram")) { UseShellExecute = false, RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.That(process.ExitCode, Is.Zero, output);
    }

    [Test]
    public void Client_ServerThatChangesAByte_SaysSo()
    {
        using var server = new WrongEcho((bytes, place) =>
        {
            if (place <= 1000 && place + bytes.Length > 1000)
                bytes[(int)(1000 - place)]++;
            return bytes.Length;
        });

        Assert.That(
            () => RunClient(server.Port, ["--mode", "echo", "--connections", "1", "--warm-up-ms", "0", "--count", "500"]),
            Throws.TypeOf<ContenderException>().With.Message.Contains("wrong bytes came back"));
    }

    [Test]
    public void Client_ServerThatEndsAConnection_SaysSo()
    {
        using var server = new WrongEcho((bytes, place) => place + bytes.Length > 1000 ? 0 : bytes.Length);

        Assert.That(
            () => RunClient(server.Port, ["--mode", "echo", "--connections", "1", "--warm-up-ms", "0", "--count", "500"]),
            Throws.TypeOf<ContenderException>().With.Message.Contains("the server ended it"));
    }

    [Test]
    public void Client_NobodyListens_SaysSo()
    {
        int port;
        using (var server = new WrongEcho((bytes, _) => bytes.Length))
            port = server.Port;

        Assert.That(() => RunClient(port, ["--mode", "echo"]), Throws.TypeOf<ContenderException>().With.Message.Contains("connect: "));
    }

    [TestCase("--size is 'large'", "--size", "large")]
    [TestCase("--mode is 'sing'", "--mode", "sing")]
    [TestCase("'--sice' is no option", "--sice", "1")]
    [TestCase("--ms has no value", "--ms")]
    public void Client_WrongOption_IsExplained(string what, params string[] arguments)
        => Assert.That(() => RunClient(1, arguments), Throws.TypeOf<ContenderException>().With.Message.Contains(what));

    [Test]
    public async Task Compare_SmallRounds_WritesTableAndJson()
    {
        string json = Path.Combine(PeersInC.Folder, "net.json");
        var result = await LoadProgram.RunAsync(
            "net-compare", "--quick", "--rounds", "1", "--ms", "1000", "--warm-up", "50", "--workloads", "udp,idle", "--servers", "qi,dotnet-inline,epoll",
            "--idle-connections", "50", "--peers-folder", PeersInC.Folder, "--json", json, "--server-core", Core(0), "--client-core", Core(1));

#if DEBUG
        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
#else
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("dotnet-inline").And.Contain("udp: ").And.Contain("idle: 50 connections"));
        Assert.That(await File.ReadAllTextAsync(json), Does.Contain("\"verdict\"").And.Contain("\"serverCpuNs\"").And.Contain("\"managedBytesEach\""));
#endif
    }

#if !DEBUG
    [Test]
    public async Task Compare_ServerThatGivesWrongBytes_Fails()
    {
        using var server = new WrongEcho((bytes, _) =>
        {
            bytes[0]++;
            return bytes.Length;
        });
        string folder = Directory.CreateTempSubdirectory("qi-net-").FullName;
        try
        {
            string program = Path.Combine(folder, "echo-server-wrong");
            File.CreateSymbolicLink(Path.Combine(folder, "echo-client"), Path.Combine(PeersInC.Folder, "echo-client"));
            await File.WriteAllTextAsync(program, $"#!/bin/sh\necho '{NetProtocol.Write(new Ready("wrong", server.Port, Environment.ProcessId))}'\ncat\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

            var result = await LoadProgram.RunAsync(
                "net-compare", "--quick", "--rounds", "1", "--ms", "50", "--warm-up", "50", "--workloads", "echo-1,accept", "--servers", "wrong",
                "--peers-folder", folder, "--server-core", Core(0), "--client-core", Core(1));

            Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString());
            Assert.That(result.Output, Does.Contain("FAIL").And.Contain("wrong bytes came back").And.Contain("a wrong byte came back"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
#endif

    // Two cores that this process may use; on a machine with one there is nothing to compare.
    private static string Core(int index)
    {
        var cores = Platform.Affinity.ProcessCores();
        if (cores.Count < 2)
            Assert.Ignore("A server and a client need a core each.");
        return $"{cores[index]}";
    }

    private static ContenderProcess Start(string server, params string[] arguments)
    {
        bool isPeer = s_peers.Contains(server, StringComparer.Ordinal);
#if DEBUG
        if (!isPeer)
            Assert.Ignore("A Debug build of the program serves nobody.");
#endif
        if (isPeer && !File.Exists(Path.Combine(PeersInC.Folder, "echo-server-" + server)))
            Assert.Ignore($"The kernel's headers are too old for {server}.");
        string[] command = isPeer
            ? [Path.Combine(PeersInC.Folder, "echo-server-" + server)]
            : ["dotnet", "exec", typeof(Arguments).Assembly.Location, "net-serve", "--kind", server];
        return ContenderProcess.Start(new Contender(server, [.. command, .. arguments, "--core", $"{Platform.Affinity.ProcessCores()[0]}"], static _ => true));
    }

    // The kernel, its headers or a sandbox may keep io_uring from us.
    private static Ready ReadReady(ContenderProcess process, string server)
    {
        try
        {
            return process.Read(NetProtocol.ReadReady, "its start", s_patience);
        }
        catch (ContenderException e) when (server == "uring" && e.Message.Contains("io_uring_setup", StringComparison.Ordinal))
        {
            Assert.Ignore(e.Message);
            throw;
        }
    }

    private static ClientReport RunClient(int port, string[] arguments)
    {
        using var client = StartClient(port, arguments);
        if (arguments.Contains("idle", StringComparer.Ordinal))
        {
            client.Read(NetProtocol.ReadOpen, "opening", s_patience);
            client.Say("go on");
        }

        return client.Read(NetProtocol.ReadReport, "its run", s_patience);
    }

    private static ContenderProcess StartClient(int port, string[] arguments)
        => ContenderProcess.Start(new Contender("the client", [Path.Combine(PeersInC.Folder, "echo-client"), "--port", $"{port}", .. arguments], static _ => true));
}
