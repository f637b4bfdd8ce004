using System.Text.Json;
using System.Xml.Linq;

namespace Qi.Actors.Load.Tests;

internal sealed class CompareTests
{
#if DEBUG
    [Test]
    public async Task Compare_DebugBuild_IsRefused()
    {
        var result = await LoadProgram.RunAsync("compare", "--quick");

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Errors, Does.Contain("Debug build").And.Contain("-c Release"));
    }
#else
    private static readonly string[] s_look = ["compare", "--quick", "--rounds", "1", "--size", "0.001", "--warm-up", "0"];

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("qi-load-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Compare_DotNetContenders_WritesTableJsonAndChart()
    {
        string jsonPath = Path.Combine(_folder, "compare.json");
        string chartPath = Path.Combine(_folder, "compare.svg");
        var result = await LoadProgram.RunAsync(
        [
            .. s_look, "--workloads", "tell,parked-event,overshoot", "--peers", "actionblock,channel,task,go", "--peers-folder", _folder,
            "--json", jsonPath, "--chart", chartPath,
        ]);

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Output, Does.Contain("go is skipped").And.Contain("tell: 10,000 messages a round").And.Contain("× the best peer"));

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(jsonPath));
        var workloads = json.RootElement.GetProperty("workloads").EnumerateArray().ToDictionary(workload => workload.GetProperty("name").GetString()!, StringComparer.Ordinal);
        Assert.That(workloads.Keys, Is.EquivalentTo(new[] { "tell", "parked-event", "overshoot" }));
        Assert.That(Names(workloads["tell"]), Is.EqualTo(new[] { "Qi", "ActionBlock", "Channel" }));
        Assert.That(workloads["parked-event"].GetProperty("contenders")[0].GetProperty("bytesPerUnit").GetDouble(), Is.Positive);
        Assert.That(workloads["overshoot"].GetProperty("contenders")[0].GetProperty("p99Ns").GetDouble(), Is.Positive);
        Assert.That(XDocument.Parse(await File.ReadAllTextAsync(chartPath)).Root?.Name.LocalName, Is.EqualTo("svg"));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public async Task Compare_ContendersThatFail_AreToldAndTheRestGoesOn()
    {
        AddPeer("honest", """while read line; do echo '{"ns":1000000,"result":50005000,"cpuNs":2000000}'; done""");
        AddPeer("liar", """while read line; do echo '{"ns":1000,"result":7,"cpuNs":1}'; done""");
        AddPeer("mortal", "read line; echo 'out of luck' >&2; exit 3");
        AddPeer("refuser", """while read line; do echo '{"error":"I would rather not"}'; done""");
        AddPeer("babbler", "while read line; do echo 'la la'; done");
        var result = await LoadProgram.RunAsync(
            [.. s_look, "--workloads", "tell", "--peers", "honest,liar,mortal,refuser,babbler", "--peers-folder", _folder]);

        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString());
        Assert.That(result.Output, Does.Contain("Liar, run tell 10000: the result is 7; expected 50005000"));
        Assert.That(result.Output, Does.Contain("Mortal, run tell 10000: it ended with exit code 3").And.Contain("out of luck"));
        Assert.That(result.Output, Does.Contain("Refuser, run tell 10000: I would rather not"));
        Assert.That(result.Output, Does.Contain("Babbler, run tell 10000: 'la la' came"));
        Assert.That(result.Output, Does.Contain("the best peer, Honest").And.Contain("FAIL: 4 failures"));
    }

    // Whether the others are in time is the machine's affair.
    [Test]
    [Platform(Exclude = "Win")]
    public async Task Compare_NoAnswerInTime_IsToldWithARemedy()
    {
        AddPeer("mute", "while read line; do :; done");
        var result = await LoadProgram.RunAsync([.. s_look, "--workloads", "tell", "--peers", "mute", "--peers-folder", _folder, "--patience", "1"]);

        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString());
        Assert.That(result.Output, Does.Contain("Mute, run tell 10000: no answer within 1 s").And.Contain("--patience"));
    }

    [Test]
    public async Task Compare_UnknownPeer_IsExplained()
    {
        var result = await LoadProgram.RunAsync([.. s_look, "--peers", "akka"]);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Errors, Does.Contain("--peers has 'akka'").And.Contain("actionblock"));
    }

    private static string[] Names(JsonElement workload)
        => [.. workload.GetProperty("contenders").EnumerateArray().Select(contender => contender.GetProperty("name").GetString()!)];

    private void AddPeer(string name, string loop)
    {
        string path = Path.Combine(_folder, name);
        string hello = $$"""{"peer":"{{char.ToUpperInvariant(name[0])}}{{name[1..]}}","version":"1","threads":1,"workloads":["tell"]}""";
        File.WriteAllText(path, $"#!/bin/sh\necho '{hello}'\n{loop}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
#endif
}
