using Qi.Actors;

namespace Tour;

internal static class CoroutineChapter
{
    // snippet: coroutine-methods
    private static async Coroutine<int> FactorialAsync(int number)
    {
        if (number <= 1)
            return 1;
        await Coroutine.YieldAsync(); // lets others run
        return number * await FactorialAsync(number - 1); // runs as part of this one, in the same turn
    }

    private static async Coroutine<string> ConverseAsync()
    {
        await Coroutine.SuspendAsync(); // until somebody resumes it
        string name = await Coroutine.ReceiveAsync<string>(); // its next message of this type
        await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(10));
        return $"Hello, {name}.";
    }
    // end snippet

    public static async Task RunAsync()
    {
        await using var system = new ActorSystem();

        // snippet: coroutines
        JoinHandle<int> factorial = system.Spawn(() => FactorialAsync(10), Priority.Low);
        int result = await factorial; // 3628800; awaiting it again gives the same

        JoinHandle<string> conversation = system.Spawn(ConverseAsync);
        conversation.Resume();
        conversation.Tell("Ada");
        string greeting = await conversation;

        JoinHandle sleeper = system.Spawn(async () => await Coroutine.DelayAsync(TimeSpan.FromSeconds(10)));
        sleeper.Cancel();
        try
        {
            await sleeper;
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine($"The sleeper is {sleeper.State}."); // Cancelled
        }
        // end snippet
        Check.Equal(result, 3_628_800);
        Check.Equal(greeting, "Hello, Ada.");
        Check.Equal(sleeper.State, CoroutineState.Cancelled);
        await JoinTasksAsync(system);
    }

    private static async Task JoinTasksAsync(ActorSystem system)
    {
        // snippet: coroutine-tasks
        JoinHandle<int> length = system.Spawn(async () =>
        {
            string text = await File.ReadAllTextAsync(typeof(Coroutine).Assembly.Location); // any Task; it goes on on its dispatcher
            return text.Length;
        });
        Task<int> task = length.AsTask(); // and the other way round
        // end snippet
        Check.That(await task > 0, "the coroutine read a file");
    }
}
