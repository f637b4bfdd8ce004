using System.Text.Json;

using Qi.Actors.Load.Measuring;
using Qi.Actors.Load.Net;
using Qi.Actors.Load.Reporting;
using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Files;

/// <summary>Reads of 4 KiB at random places of a file that is in memory: what the machinery around a read costs.</summary>
internal static class FileReadCommand
{
    private const int BlocksOfAMegabyte = (1 << 20) / CachedFile.BlockBytes;
    private const int LargestDepth = 1024;

    public static int Run(Arguments arguments)
    {
        arguments.Allow("kind", "depth", "megabytes", "rounds", "ms", "core", "folder", "json");
        var reader = FileReader.Find(arguments.Text("kind") ?? "dotnet");
        int depth = (int)Math.Min(arguments.Number("depth", 1), LargestDepth);
        int megabytes = (int)Math.Min(arguments.Number("megabytes", 256), int.MaxValue / BlocksOfAMegabyte);
        int rounds = (int)Math.Min(arguments.Number("rounds", 5), int.MaxValue);
        var time = TimeSpan.FromMilliseconds(arguments.Number("ms", 1000));
        string? json = CompareOptions.Writable(arguments, "json");
        string folder = arguments.Text("folder") ?? Path.GetTempPath();
        if (!Directory.Exists(folder))
            throw new UsageException($"--folder is '{folder}', and there is no such folder. The file of {megabytes} MiB lies there while it is read.");
        Confinement.Enter(arguments.Text("core") is null ? null : (int)arguments.Number("core", 0, least: 0), new Dictionary<string, string>(StringComparer.Ordinal));

        using var file = new CachedFile(folder, megabytes * BlocksOfAMegabyte);
        Console.WriteLine($"{reader.Name}: blocks of {CachedFile.BlockBytes} B at random places of {megabytes} MiB, {depth} under way, {Environment.ProcessorCount} processors.");
        var results = new List<FileRound>();
        for (int round = 0; round <= rounds; round++)
        {
            var result = Once(reader, file, time, depth);
            // The first round is the compiler's.
            if (round > 0)
                results.Add(result);
        }

        Tell(results);
        if (json is not null)
            File.WriteAllText(json, JsonSerializer.Serialize(new { Kind = reader.Name, Depth = depth, Megabytes = megabytes, Rounds = results }, JsonReport.Options) + "\n");
        return ExitCodes.Passed;
    }

    private static FileRound Once(FileReader reader, CachedFile file, TimeSpan time, int depth)
    {
        GC.Collect();
        var meter = Meter.Start();
        long reads = reader.Run(file, new Watch(time), depth);
        var spent = meter.Stop();
        return new FileRound(reads * 1e9 / spent.Ns, spent.CpuNs / (double)reads, spent.AllocatedBytes / (double)reads);
    }

    private static void Tell(List<FileRound> rounds)
    {
        double[] rates = [.. rounds.Select(round => round.ReadsPerSecond)];
        Console.WriteLine(
            $"{Figures.Short(Statistics.Median(rates))} reads/s (from {Figures.Short(rates.Min())} to {Figures.Short(rates.Max())}), "
            + $"CPU {Figures.Short(Statistics.Median([.. rounds.Select(round => round.CpuNs)]))} ns a read, "
            + $"{Figures.Short(Statistics.Median([.. rounds.Select(round => round.AllocatedBytes)]))} bytes allocated a read.");
    }

    private sealed record FileRound(double ReadsPerSecond, double CpuNs, double AllocatedBytes);
}
