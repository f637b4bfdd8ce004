using System.Threading.Tasks.Dataflow;

using Qi.Actors;

namespace Tour;

internal static class DataflowChapter
{
    public static async Task RunAsync()
    {
        // snippet: dataflow
        await using var system = new ActorSystem();
        var propagate = new DataflowLinkOptions { PropagateCompletion = true };

        var parse = new TransformBlock<string, int>(
            int.Parse, new ExecutionDataflowBlockOptions { TaskScheduler = system.TaskScheduler }); // a stock block on Qi's threads
        ActorRef<int, int> square = system.SpawnTransform<int, int>(number => number * number); // an actor with an output
        var sum = 0;
        var add = new ActionBlock<int>(number => sum += number);

        parse.LinkTo(square, propagate);
        square.LinkTo(add, propagate);

        foreach (string text in new[] { "1", "2", "3" })
            await parse.SendAsync(text);
        parse.Complete();
        await add.Completion; // sum is 14
        // end snippet
        Check.Equal(sum, 14);
        await FilterAsync(system);
    }

    private static async Task FilterAsync(ActorSystem system)
    {
        // snippet: output-actor
        var deduplicate = system.Spawn(() => new Deduplicate());
        var numbers = new BufferBlock<int>();
        deduplicate.LinkTo(numbers, number => number % 2 == 1); // filters work too
        deduplicate.LinkTo(DataflowBlock.NullTarget<int>());
        // end snippet

        foreach (int number in new[] { 1, 1, 2, 3, 1 })
            deduplicate.Tell(number);
        deduplicate.Complete();
        await deduplicate.Completion;
        Check.That(numbers.TryReceiveAll(out var received) && received.SequenceEqual([1, 3]), "1 and 3 came through, once each");
    }
}

// snippet: deduplicate
public sealed class Deduplicate : Actor<int, int>
{
    private readonly HashSet<int> _seen = [];

    protected override void Receive(int message)
    {
        if (_seen.Add(message))
            Emit(message);
    }
}
// end snippet
