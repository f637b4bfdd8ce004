using Qi.Actors.Load.Net;

namespace Qi.Actors.Load.Tests.Net;

internal sealed class NetProtocolTests
{
    [Test]
    public void ReadReady_OfAServer_HasWhatItSaid()
    {
        var ready = new Ready("epoll", 40123, 4711);

        Assert.That(NetProtocol.ReadReady("""{"server":"epoll","port":40123,"pid":4711}"""), Is.EqualTo(ready));
        Assert.That(NetProtocol.ReadReady(NetProtocol.Write(ready)), Is.EqualTo(ready));
    }

    [TestCase("")]
    [TestCase("listening")]
    [TestCase("""{"server":"epoll","pid":4711}""")]
    [TestCase("""{"port":1,"pid":2}""")]
    public void ReadReady_OfSomethingElse_IsRefused(string line)
        => Assert.That(() => NetProtocol.ReadReady(line), Throws.TypeOf<FormatException>().With.Message.Contains(line));

    [Test]
    public void ReadReady_OfAServerThatDoesNotServe_SaysWhy()
        => Assert.That(() => NetProtocol.ReadReady("""{"error":"bind: Address already in use (98)"}"""), Throws.TypeOf<FormatException>().With.Message.StartsWith("bind: "));

    [Test]
    public void ReadReport_OfAClient_HasWhatItCounted()
    {
        var report = NetProtocol.ReadReport(
            """{"mode":"echo","connections":64,"roundTrips":3000,"lost":1,"p50Ns":276479,"p99Ns":2,"p999Ns":3,"serverCpuNs":600000,"coreIdleNs":60,"serverCoreIdleNs":30,"cpuNs":940,"ns":1500000000}""");

        Assert.That(report, Is.EqualTo(new ClientReport
        {
            Ns = 1_500_000_000, RoundTrips = 3000, Connections = 64, Lost = 1, P50Ns = 276479, P99Ns = 2, P999Ns = 3, ServerCpuNs = 600_000, ServerCoreIdleNs = 30, CpuNs = 940, CoreIdleNs = 60,
        }));
        Assert.That((report.PerSecond, report.ServerCpuNsEach, report.ClientUse), Is.EqualTo((2000.0, 200.0, 0.94)));
    }

    [TestCase("""{"error":"connect: Connection refused (111)"}""", "Connection refused")]
    [TestCase("""{"ns":5,"roundTrips":0}""", "not one round trip")]
    [TestCase("{}", "expected a report")]
    [TestCase("Segmentation fault", "Segmentation fault")]
    public void ReadReport_OfAFailure_SaysWhy(string line, string why)
        => Assert.That(() => NetProtocol.ReadReport(line), Throws.TypeOf<FormatException>().With.Message.Contains(why));

    [Test]
    public void ReadMemory_OfAServer_HasWhatItSaid()
    {
        var memory = new ServerMemory(1_000_000, 262_144);

        Assert.That(NetProtocol.ReadMemory(NetProtocol.Write(memory)), Is.EqualTo(memory));
        Assert.That(() => NetProtocol.ReadMemory("{}"), Throws.TypeOf<FormatException>().With.Message.Contains("managedBytes"));
    }

    [Test]
    public void ReadOpen_OfAClient_IsHowMany()
    {
        Assert.That(NetProtocol.ReadOpen("{\"open\":10000}"), Is.EqualTo(10_000));
        Assert.That(() => NetProtocol.ReadOpen("{\"error\":\"no answer\"}"), Throws.TypeOf<FormatException>().With.Message.EqualTo("no answer"));
        Assert.That(() => NetProtocol.ReadOpen("{}"), Throws.TypeOf<FormatException>().With.Message.Contains("open"));
    }

    [Test]
    public void Options_IdleConnections_AreThoseOfTheWorkload()
    {
        var options = NetOptions.From(Arguments.Parse(["net-compare", "--idle-connections", "50"]));

        Assert.That(options.Workloads.Single(workload => workload.Gauge == NetGauge.Memory).Connections, Is.EqualTo(50));
        Assert.That(options.Workloads.Single(workload => workload.Name == "echo").Connections, Is.EqualTo(64));
    }

    [TestCase("no connections", "--idle-connections is '0'", "--idle-connections", "0")]
    [TestCase("--workloads is wrong", "no workload 'sing'", "--workloads", "sing")]
    [TestCase("one core for both", "both 1", "--server-core", "1")]
    [TestCase("few rounds", "--quick", "--rounds", "2")]
    [TestCase("unknown option", "--servers", "--server", "dotnet")]
    public void Options_Wrong_AreExplained(string what, string remedy, params string[] args)
        => Assert.That(() => NetOptions.From(Arguments.Parse(["net-compare", .. args])), Throws.TypeOf<UsageException>().With.Message.Contains(remedy), what);

    [TestCase("no such kind", "dotnet-inline", "--kind", "apache")]
    [TestCase("no such protocol", "tcp or udp", "--protocol", "sctp")]
    [TestCase("no such buffering", "kept or rented", "--buffers", "none")]
    [TestCase("port out of range", "65535", "--port", "65536")]
    public void Serve_Wrong_IsExplained(string what, string remedy, params string[] args)
        => Assert.That(() => NetServeCommand.Run(Arguments.Parse(["net-serve", .. args])), Throws.TypeOf<UsageException>().With.Message.Contains(remedy), what);

    [Test]
    public void Lineup_NoClient_SaysHowItIsBuilt()
    {
        string folder = Directory.CreateTempSubdirectory("qi-net-").FullName;
        try
        {
            var options = NetOptions.From(Arguments.Parse(["net-compare", "--peers-folder", folder]));

            Assert.That(() => NetLineup.Choose(options, _ => { }), Throws.TypeOf<UsageException>().With.Message.Contains("perf/peers/build.sh c"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    [Platform("Linux")]
    public void Lineup_ServersThatAreMissingOrDoNotStart_AreSkippedWithALine()
    {
        string folder = Directory.CreateTempSubdirectory("qi-net-").FullName;
        try
        {
            AddProgram(folder, "echo-client", "exit 1");
            AddProgram(folder, "echo-server-uring", """echo '{"error":"io_uring_setup: Operation not permitted (1)"}'; exit 1""");
            AddProgram(folder, "echo-server-mine", """echo '{"server":"mine","port":1,"pid":2}'; cat""");
            var lines = new List<string>();

            var lineup = NetLineup.Choose(NetOptions.From(Arguments.Parse(["net-compare", "--peers-folder", folder])), lines.Add);

            Assert.That(lineup.Servers.Select(server => server.Name), Is.EqualTo(ServerKind.All.Select(kind => kind.Name).Append("mine")));
            Assert.That(lines, Has.Count.EqualTo(2));
            Assert.That(lines, Has.One.StartsWith("epoll is skipped: it is not installed"));
            Assert.That(lines, Has.One.StartsWith("uring is skipped").And.One.Contains("Operation not permitted"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AddProgram(string folder, string name, string line)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{line}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    [Test]
    public void Names_OfWorkloadsAndKinds_Differ()
    {
        Assert.That(NetWorkload.All.Select(workload => workload.Name), Is.Unique);
        Assert.That(ServerKind.All.Select(kind => kind.Name), Is.Unique);
        Assert.That(NetComparison.Bars, Has.Some.EqualTo(ServerKind.All[0].Name));
    }
}
