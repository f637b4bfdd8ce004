using Qi.Actors;

namespace Tour;

internal static class StoppingChapter
{
    public static async Task RunAsync()
    {
        var handled = new List<int>();

        // snippet: stopping
        var system = new ActorSystem(new QiActorsOptions { ShutdownTimeout = TimeSpan.FromSeconds(10) });
        system.DeadLetters.Observed += letter => Console.WriteLine($"{letter.Path} did not get {letter.Message}: {letter.Reason}");

        var worker = system.Spawn<int>(handled.Add, "worker");
        worker.Tell(1);
        worker.Tell(2);
        await worker.StopAsync(StopMode.Drain); // handles 1 and 2; StopMode.Now gives them up
        TellStatus late = worker.Tell(3); // Stopped: it becomes a dead letter

        StopReport report = await system.StopAsync(); // actors drain, coroutines are cancelled, threads end
        // end snippet
        Check.That(handled.SequenceEqual([1, 2]), "1 and 2 were handled");
        Check.Equal(late, TellStatus.Stopped);
        Check.Equal(system.DeadLetters.Count, 1);
        Check.That(report.IsComplete);
        await FailAsync();
    }

    private static async Task FailAsync()
    {
        await using var system = new ActorSystem();
        string reason = "";

        // snippet: failing
        var fragile = system.Spawn<int>(number => Console.WriteLine(100 / number), "fragile");
        fragile.Tell(0); // the exception is logged, and stops the actor
        try
        {
            await fragile.Completion;
        }
        catch (DivideByZeroException e)
        {
            reason = e.Message;
        }
        // end snippet
        Check.That(reason.Length > 0 && fragile.IsStopped, "the exception stopped the actor");
    }
}
