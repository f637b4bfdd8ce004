using System.Text.Json;

using Qi.Actors.Load.Contenders;
using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Tests.Files;

/// <summary>The workloads with files in C, as a peer of the comparison.</summary>
[Platform("Linux")]
internal sealed class FilePeerTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static IEnumerable<string> Workloads => Catalogue.All.Select(workload => workload.Name).Where(name => name.StartsWith("file-", StringComparison.Ordinal));

    [Test]
    public void Peer_OfEveryWorkload_ReadsAndCopiesEverything([ValueSource(nameof(Workloads))] string workload, [Values(1, 333)] int size)
    {
        using var peer = Start();

        Assert.That(peer.ReadHello(s_patience).Workloads, Does.Contain(workload));
        Assert.That(peer.Run(new Request(workload, size), s_patience).Result, Is.EqualTo(size));
    }

    [Test]
    public void Peer_WhatItCannotDo_IsRefusedAndItGoesOn()
    {
        using var peer = Start();
        peer.ReadHello(s_patience);

        Assert.That(() => peer.Run(new Request("tell", 1), s_patience), Throws.TypeOf<ContenderException>().With.Message.Contains("no such workload"));
        Assert.That(peer.Run(new Request("file-read-1", 5), s_patience).Result, Is.EqualTo(5));
    }

#if !DEBUG
    [Test]
    public async Task Compare_Files_PutsQiBesideTheOthers()
    {
        string folder = Directory.CreateTempSubdirectory("qi-files-").FullName;
        try
        {
            string json = Path.Combine(folder, "files.json");
            File.CreateSymbolicLink(Path.Combine(folder, "c"), Path.Combine(PeersInC.Folder, "file-peer"));
            var result = await LoadProgram.RunAsync(
                "compare", "--quick", "--rounds", "1", "--size", "0.001", "--warm-up", "0", "--workloads", "file-*",
                "--peers", "c,randomaccess,filestream", "--peers-folder", folder, "--json", json);

            Assert.That(result.ExitCode, Is.Zero, result.ToString());
            using var report = JsonDocument.Parse(await File.ReadAllTextAsync(json));
            var contenders = report.RootElement.GetProperty("workloads").EnumerateArray().ToDictionary(
                workload => workload.GetProperty("name").GetString()!,
                workload => workload.GetProperty("contenders").EnumerateArray().Select(contender => contender.GetProperty("name").GetString()).ToArray(),
                StringComparer.Ordinal);
            Assert.That(contenders["file-read-1"], Is.EqualTo(new[] { "Qi", "C", "RandomAccess" }));
            Assert.That(contenders["file-read-32"], Is.EqualTo(new[] { "Qi", "C", "RandomAccess" }));
            Assert.That(contenders["file-copy"], Is.EqualTo(new[] { "Qi", "Qi stream", "C", "FileStream" }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
#endif

    private static ContenderProcess Start() => ContenderProcess.Start(new Contender("C", [Path.Combine(PeersInC.Folder, "file-peer")], static _ => true));
}
