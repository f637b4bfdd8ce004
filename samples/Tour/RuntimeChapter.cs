using Qi.Actors;

namespace Tour;

internal static class RuntimeChapter
{
    public static async Task RunAsync()
    {
        var lines = new List<string>();
        void Print(string line)
        {
            lines.Add(line);
            Console.WriteLine($"   {line}");
        }

        // snippet: runtime
        var runtime = new QiRuntime(new QiActorsOptions
        {
            WorkerThreads = 4,
            QueueCapacity = 1024,
            MaxStackSize = 2 * 1024 * 1024,
            StackPoolSize = 128,
            PollInterval = TimeSpan.FromMilliseconds(1),
            EnableWorkStealing = true,
            Debug = false,
        });

        JoinHandle task = runtime.Spawn(async () =>
        {
            Print("The coroutine begins.");
            await Coroutine.DelayAsync(TimeSpan.FromSeconds(1));
            Print("The coroutine ends.");
        });
        await task;
        // end snippet
        Check.Equal(string.Join(' ', lines), "The coroutine begins. The coroutine ends.");

        // snippet: priorities
        JoinHandle<string> high = runtime.Spawn(async () => "high", Priority.High);
        JoinHandle<string> normal = runtime.Spawn(async () => "normal", Priority.Normal);
        JoinHandle<string> low = runtime.Spawn(async () => "low", Priority.Low);
        string priorities = $"{await high} {await normal} {await low}";

        JoinHandle sleeper = runtime.Spawn(async () => await Coroutine.DelayAsync(TimeSpan.FromSeconds(10)));
        bool wasCancelled = sleeper.Cancel();

        int blocked = runtime.BlockOn(async () => 6 * 7); // blocks this thread until the coroutine has ended

        RuntimeStatistics statistics = runtime.Statistics;
        Console.WriteLine(
            $"{statistics.ActiveTasks} active, {statistics.QueuedTasks} queued, {statistics.CompletedTasks} completed, {statistics.WorkerThreads} workers");

        StopReport report = await runtime.ShutdownAsync();
        // end snippet
        Check.Equal(priorities, "high normal low");
        Check.That(wasCancelled);
        Check.Equal(blocked, 42);
        Check.Equal(statistics.WorkerThreads, 4);
        Check.That(statistics.CompletedTasks is 5 or 6, $"{statistics.CompletedTasks} coroutines had ended, of six with the cancelled one");
        Check.That(report.IsComplete);

        // snippet: run
        int answer = QiRuntime.Run(async () => // a runtime for one coroutine
        {
            await Coroutine.YieldAsync();
            return 42;
        });
        // end snippet
        Check.Equal(answer, 42);
    }
}
