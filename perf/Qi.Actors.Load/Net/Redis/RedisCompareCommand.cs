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
        bool isQuick = arguments.Has("quick");
        int rounds = CompareOptions.RoundsOf(arguments, isQuick);
        string? json = CompareOptions.Writable(arguments, "json");
        var layouts = Choose(arguments);
        foreach (string tool in s_tools.Where(tool => !IsInstalled(tool)))
            throw new UsageException($"{tool} is not installed. On Debian: apt-get install redis-server redis-tools util-linux.");
        Console.CancelKeyPress += static (_, _) => ContenderProcess.KillAll();
        AppDomain.CurrentDomain.ProcessExit += static (_, _) => ContenderProcess.KillAll();

        Console.WriteLine($"{Environment.ProcessorCount} processors, .NET {Environment.Version}; {rounds} interleaved rounds{(isQuick ? ": a quick look, too short to be a measurement" : "")}.");
        Console.WriteLine("to redis: how many times as good as redis-server, more is better. CPU: the server's processor time a command. ~: the rounds are too far apart to tell.");
        var report = new List<object>();
        try
        {
            foreach (var layout in layouts)
                report.AddRange(Measure(layout, RedisWorkload.All(isQuick), rounds));
        }
        catch (ContenderException e)
        {
            Console.WriteLine($"  FAIL: {e.Message}");
            return ExitCodes.Failed;
        }

        if (json is not null)
            File.WriteAllText(json, JsonSerializer.Serialize(report, JsonReport.Options) + "\n");
        return ExitCodes.Passed;
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

    private static IEnumerable<object> Measure(RedisLayout layout, IReadOnlyList<RedisWorkload> workloads, int rounds)
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
                foreach (var runner in runners)
                    runner.Rounds.Clear();
                for (int round = 1; round <= rounds; round++)
                {
                    foreach (var runner in runners)
                    {
                        progress.Show($"{layout.Name} round {round} of {rounds}: {runner.Name}, {workload.Description}");
                        runner.Rounds.Add(runner.Run(workload));
                    }
                }

                progress.Clear();
                Tell(layout, workload, runners);
                yield return new { Layout = layout.Name, workload.Test, workload.Pipeline, Servers = runners.Select(runner => new { runner.Name, Rounds = runner.Rounds.ToArray() }).ToArray() };
            }
        }
        finally
        {
            foreach (var runner in runners)
                runner.Dispose();
        }
    }

    private static void Tell(RedisLayout layout, RedisWorkload workload, List<RedisRunner> runners)
    {
        Console.WriteLine();
        Console.WriteLine($"{workload.Description}; server on core {layout.ServerCores}, client on core {layout.ClientCores}");
        Console.WriteLine($"  {"",-14}{"commands/s",12}{"min",12}{"max",12}{"to redis",10}{"p50 ms",9}{"CPU ns",9}{"CPU to redis",14}");
        var redis = runners[0];
        foreach (var runner in runners)
        {
            double[] rates = [.. runner.Rounds.Select(round => round.PerSecond)];
            string mark = Statistics.Spread(rates) > Comparison.NoisySpread ? "~" : " ";
            Console.WriteLine(
                $"  {runner.Name,-14}{Figures.Short(Statistics.Median(rates)),11}{mark}{Figures.Short(rates.Min()),12}{Figures.Short(rates.Max()),12}"
                + $"{Figures.Ratio(Median(runner, round => round.PerSecond) / Median(redis, round => round.PerSecond)),10}"
                + $"{Figures.Short(Median(runner, round => round.P50Ms)),9}{Figures.Short(Median(runner, round => round.CpuNs)),9}"
                + $"{Figures.Ratio(Median(redis, round => round.CpuNs) / Median(runner, round => round.CpuNs)),14}");
        }
    }

    private static double Median(RedisRunner runner, Func<RedisRound, double> figure) => Statistics.Median([.. runner.Rounds.Select(figure)]);

    private static bool IsInstalled(string tool)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool)));
}
