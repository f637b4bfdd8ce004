using System.Diagnostics;

using Qi.Actors.Workloads;

namespace Qi.Actors.Load;

/// <summary>Qi beside the stock parts, round by round.</summary>
internal static class CompareCommand
{
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(700);

    public static int Run(Arguments arguments)
    {
        arguments.Allow("workloads", "rounds", "size");
        int rounds = (int)arguments.Number("rounds", 5);
        double factor = arguments.Factor("size", 1.0);
        var workloads = Choose(arguments.Words("workloads"));
        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {rounds} rounds after one warm-up, interleaved. Times in ns an operation.");
        Console.WriteLine($"{"workload",-12} {"rendering",-13} {"median",9} {"min",9} {"max",9} {"to best stock",14} {"bytes/op",9}");

        var system = new ActorSystem();
        foreach (var workload in workloads)
        {
            int size = (int)Math.Clamp(workload.Size * factor, 1000, int.MaxValue);
            var samples = Measure(system, workload, size, rounds);
            Print(workload, samples);
        }

        bool isComplete = system.StopAsync().GetAwaiter().GetResult().IsComplete;
        if (!isComplete)
            Console.WriteLine("FAIL: the system did not come to a complete stop.");
        return isComplete ? ExitCodes.Passed : ExitCodes.Failed;
    }

    private static Workload[] Choose(string[] names)
    {
        foreach (string name in names.Except(Catalogue.All.Select(workload => workload.Name), StringComparer.Ordinal))
            throw new UsageException($"There is no workload '{name}'. There are: {string.Join(", ", Catalogue.All.Select(workload => workload.Name))}.");
        return [.. Catalogue.All.Where(workload => names.Length == 0 || names.Contains(workload.Name, StringComparer.Ordinal))];
    }

    private static List<Sample>[] Measure(ActorSystem system, Workload workload, int size, int rounds)
    {
        var samples = workload.Renderings.Select(_ => new List<Sample>()).ToArray();
        foreach (var rendering in workload.Renderings)
            WarmUp(system, workload, rendering, size);
        for (int round = 1; round <= rounds; round++)
        {
            for (int i = 0; i < workload.Renderings.Length; i++)
            {
                ShowProgress($"{workload.Name} round {round} of {rounds}: {workload.Renderings[i].Name}");
                samples[i].Add(Once(system, workload, workload.Renderings[i], size));
            }
        }

        return samples;
    }

    // One round at least, and long enough for the compiler's later tiers: they come in after some tenths of a second.
    private static void WarmUp(ActorSystem system, Workload workload, Rendering rendering, int size)
    {
        ShowProgress($"{workload.Name} warms up: {rendering.Name}");
        long start = Stopwatch.GetTimestamp();
        do
        {
            workload.RunOnce(rendering, system, size);
        }
        while (Stopwatch.GetElapsedTime(start) < s_warmUp);
    }

    private static void ShowProgress(string what)
    {
        if (!Console.IsOutputRedirected)
            Console.Write($"\r{what,-70}\r");
    }

    private static Sample Once(ActorSystem system, Workload workload, Rendering rendering, int size)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        workload.RunOnce(rendering, system, size);
        double ns = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        return new Sample(ns / size, (double)bytes / size);
    }

    private static void Print(Workload workload, List<Sample>[] samples)
    {
        var medians = samples.Select(list => Median(list.Select(sample => sample.Ns))).ToArray();
        double best = workload.Renderings.Zip(medians).Where(pair => !pair.First.IsQi).Min(pair => pair.Second);
        for (int i = 0; i < samples.Length; i++)
        {
            var times = samples[i].Select(sample => sample.Ns).ToArray();
            Console.WriteLine(
                $"{workload.Name,-12} {workload.Renderings[i].Name,-13} {medians[i],9:0.0} {times.Min(),9:0.0} {times.Max(),9:0.0} "
                + $"{medians[i] / best,14:0.00} {Median(samples[i].Select(sample => sample.Bytes)),9:0.0}");
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private sealed record Sample(double Ns, double Bytes);
}
