// As with the other comparisons: all servers of a layout run from the beginning and are warmed up, then the rounds go A B C A B C …. redis-benchmark measures
// from outside, so both sides are treated alike; what the server spent is read from the operating system.

using System.Text.Json;

using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Measuring;
using Qi.Actors.Load.Reporting;

namespace Qi.Actors.Load.Net.Redis;

/// <summary>redis-server and the sample side by side, under redis-benchmark.</summary>
internal static class RedisCompareCommand
{
    private static readonly string[] s_tools = ["redis-server", "redis-benchmark", "taskset"];

    public static int Run(Arguments arguments)
    {
        arguments.Allow("layouts", "rounds", "quick", "json", "server-core", "client-core");
        string? json = CompareOptions.Writable(arguments, "json");
        ContenderProcess.EndWithThisProcess();
        IReadOnlyList<RedisComparison> comparisons;
        try
        {
            comparisons = Measure(arguments);
        }
        catch (ContenderException e)
        {
            Console.WriteLine($"  FAIL: {e.Message}");
            return ExitCodes.Failed;
        }

        if (json is not null)
            File.WriteAllText(json, JsonSerializer.Serialize(comparisons, JsonReport.Options) + "\n");
        return ExitCodes.Passed;
    }

    /// <summary>Measures, and prints each workload's table when it is done.</summary>
    /// <exception cref="ContenderException">A server or the client has failed.</exception>
    public static IReadOnlyList<RedisComparison> Measure(Arguments arguments)
    {
        bool isQuick = arguments.Has("quick");
        int rounds = CompareOptions.RoundsOf(arguments, isQuick);
        var layouts = Choose(arguments);
        RequireTools();
        Console.WriteLine($"{Environment.ProcessorCount} processors, .NET {Environment.Version}; {rounds} interleaved rounds{(isQuick ? ": a quick look, too short to be a measurement" : "")}.");
        Console.WriteLine("to redis: how many times as good as redis-server, more is better. CPU: the server's processor time a command. ~: the rounds are too far apart to tell.");
        return [.. layouts.SelectMany(layout => Measure(layout, RedisWorkload.All(isQuick), rounds))];
    }

    /// <summary>Refuses to begin without the programs that it starts.</summary>
    public static void RequireTools()
    {
        foreach (string tool in s_tools.Where(tool => !IsInstalled(tool)))
            throw new UsageException($"{tool} is not installed. On Debian: apt-get install redis-server redis-tools util-linux.");
        _ = RedisRunner.FindSample();
    }

    private static RedisLayout[] Choose(Arguments arguments)
    {
        int server = (int)Math.Min(arguments.Number("server-core", 0, least: 0), int.MaxValue);
        int client = (int)Math.Min(arguments.Number("client-core", 1, least: 0), int.MaxValue);
        if (server == client)
            throw new UsageException($"--server-core and --client-core are both {server}. On one core the two would measure each other.");
        var all = RedisLayout.Of(server, client);
        string[] words = arguments.Words("layouts");
        foreach (string word in words.Except(all.Select(layout => layout.Name), StringComparer.Ordinal))
            throw new UsageException($"There is no layout '{word}'. There are: {string.Join(", ", all.Select(layout => layout.Name))}.");
        return [.. all.Where(layout => words.Length == 0 || words.Contains(layout.Name, StringComparer.Ordinal))];
    }

    private static IEnumerable<RedisComparison> Measure(RedisLayout layout, IReadOnlyList<RedisWorkload> workloads, int rounds)
    {
        var progress = new Progress(Console.Error);
        var runners = new List<RedisRunner>();
        try
        {
            foreach (var contender in layout.Servers)
                runners.Add(new RedisRunner(layout, contender));
            foreach (var (workload, runner) in workloads.SelectMany(_ => runners, (workload, runner) => (workload, runner)))
            {
                progress.Show($"{layout.Name} warms up: {runner.Name}, {workload.Description}");
                runner.Run(workload);
            }

            foreach (var workload in workloads)
            {
                var results = runners.ConvertAll(static _ => new List<RedisRound>());
                for (int round = 1; round <= rounds; round++)
                {
                    foreach (var (runner, result) in runners.Zip(results))
                    {
                        progress.Show($"{layout.Name} round {round} of {rounds}: {runner.Name}, {workload.Description}");
                        result.Add(runner.Run(workload));
                    }
                }

                progress.Clear();
                var comparison = new RedisComparison(
                    layout.Name, workload.Test, workload.Pipeline, [.. runners.Zip(results, static (runner, result) => new RedisSeries(runner.Name, result))]);
                Tell(layout, workload, comparison);
                yield return comparison;
            }
        }
        finally
        {
            foreach (var runner in runners)
                runner.Dispose();
        }
    }

    private static void Tell(RedisLayout layout, RedisWorkload workload, RedisComparison comparison)
    {
        Console.WriteLine();
        Console.WriteLine($"{workload.Description}; server on core {layout.ServerCores}, client on core {layout.ClientCores}");
        Console.WriteLine($"  {"",-14}{"commands/s",12}{"min",12}{"max",12}{"to redis",10}{"p50 ms",9}{"CPU ns",9}{"CPU to redis",14}");
        var redis = comparison.Servers[0];
        foreach (var server in comparison.Servers)
        {
            double[] rates = [.. server.Rounds.Select(round => round.PerSecond)];
            string mark = Statistics.Spread(rates) > Comparison.NoisySpread ? "~" : " ";
            Console.WriteLine(
                $"  {server.Name,-14}{Figures.Short(Statistics.Median(rates)),11}{mark}{Figures.Short(rates.Min()),12}{Figures.Short(rates.Max()),12}"
                + $"{Figures.Ratio(Median(server, round => round.PerSecond) / Median(redis, round => round.PerSecond)),10}"
                + $"{Figures.Short(Median(server, round => round.P50Ms)),9}{Figures.Short(Median(server, round => round.CpuNs)),9}"
                + $"{Figures.Ratio(Median(redis, round => round.CpuNs) / Median(server, round => round.CpuNs)),14}");
        }
    }

    private static double Median(RedisSeries server, Func<RedisRound, double> figure) => Statistics.Median([.. server.Rounds.Select(figure)]);

    private static bool IsInstalled(string tool)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool)));
}
