using System.Diagnostics;

namespace Qi.Actors.Load.Stress;

/// <summary>The reliability run: episodes until enough messages were handled.</summary>
internal static class StressCommand
{
    private const long LargestEpisode = 50_000_000;
    private const long SmallestEpisode = 250_000;

    public static int Run(Arguments arguments)
    {
        arguments.Allow("messages", "seed", "shapes", "patience");
        long wanted = arguments.Number("messages", 1_000_000_000);
        int seed = (int)(arguments.Number("seed", Environment.TickCount64 & int.MaxValue, least: 0) & int.MaxValue);
        var patience = TimeSpan.FromSeconds(arguments.Number("patience", 20));
        string[] shapes = arguments.Words("shapes");
        string replay = $"stress --messages {wanted} --seed {seed}{(shapes.Length > 0 ? " --shapes " + string.Join(',', shapes) : "")}";
        Console.WriteLine($"stress: {wanted:N0} messages, seed {seed}.");

        long size = Math.Clamp(wanted / 8, SmallestEpisode, LargestEpisode);
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        long handled = 0;
        for (int number = 1; handled < wanted; number++)
        {
            var episode = new Episode(number, Math.Min(size, wanted - handled), shapes, random.Next(), patience);
            var progress = new Progress(number);
            episode.Run(progress.Show);
            handled += episode.Handled;
            progress.End(episode, clock.Elapsed);
            if (episode.Violations.Count > 0)
            {
                foreach (string violation in episode.Violations)
                    Console.WriteLine($"  VIOLATED {violation}");
                Console.WriteLine($"FAIL after {handled:N0} messages in {clock.Elapsed.TotalSeconds:0.0} s. Again with: {replay}");
                return ExitCodes.Failed;
            }
        }

        double seconds = clock.Elapsed.TotalSeconds;
        Console.WriteLine($"PASS {handled:N0} messages in {seconds:0.0} s, {handled / seconds / 1e6:0.00} million/s, seed {seed}.");
        return ExitCodes.Passed;
    }

    /// <summary>A line now and then, so that a long run is seen to live.</summary>
    private sealed class Progress(int episode)
    {
        private static readonly TimeSpan s_every = TimeSpan.FromSeconds(10);

        private readonly long _startTicks = Stopwatch.GetTimestamp();
        private long _shownTicks = Stopwatch.GetTimestamp();

        public void Show(long handled)
        {
            if (Stopwatch.GetElapsedTime(_shownTicks) < s_every)
                return;
            _shownTicks = Stopwatch.GetTimestamp();
            Console.WriteLine($"  episode {episode}: {handled:N0} messages ...");
        }

        public void End(Episode ended, TimeSpan total)
        {
            double seconds = Stopwatch.GetElapsedTime(_startTicks).TotalSeconds;
            Console.WriteLine($"  episode {episode}: {ended.Handled:N0} messages in {seconds:0.00} s, {ended.Handled / seconds / 1e6:0.00} million/s; {ended.Description}; {total.TotalSeconds:0} s in all.");
        }
    }
}
