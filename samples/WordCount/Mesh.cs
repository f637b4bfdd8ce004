// The mesh:
//
//   files ─▶ TransformManyBlock ─▶ BatchBlock ─┬▶ Splitter ─┬▶ Total ─▶ the result
//            lines of a file       256 lines   ├▶ Splitter ─┤  one
//            stock block           stock block └▶ Splitter ─┘  actor
//                                                actors
//
// The lines come from files that the system reads: bytes that are in memory on the dispatcher that asks, without another thread.
//
// Everything on the way is bounded, so a fast reader waits for slow counters and memory stays small: a full mailbox postpones
// the BatchBlock's offer and takes it when it has room, as any stock block does.

using System.Threading.Tasks.Dataflow;

using Qi.Actors;

namespace WordCount;

/// <summary>Counts words through dataflow blocks and actors.</summary>
internal static class Mesh
{
    private const int LinesInABatch = 256;
    private const int LinesInFlight = 4 * LinesInABatch;
    private const int BatchesInAMailbox = 2;

    private static readonly DataflowLinkOptions s_propagate = new() { PropagateCompletion = true };

    public static async Task<Dictionary<string, int>> CountAsync(ActorSystem system, IEnumerable<string> files)
    {
        var mailbox = new ActorOptions { Mailbox = MailboxOptions.Bounded(BatchesInAMailbox) };

        var reader = new TransformManyBlock<string, string>(
            file => TextFiles.ReadLinesAsync(system, file),
            new ExecutionDataflowBlockOptions { BoundedCapacity = LinesInFlight, TaskScheduler = system.TaskScheduler });
        var batcher = new BatchBlock<string>(
            LinesInABatch,
            new GroupingDataflowBlockOptions { BoundedCapacity = LinesInFlight, TaskScheduler = system.TaskScheduler });
        var splitters = Enumerable.Range(1, system.Statistics.WorkerThreads)
            .Select(number => system.Spawn(() => new Splitter(), $"splitter-{number}", mailbox))
            .ToArray();
        var total = system.Spawn(() => new Total(), "total", mailbox);
        var result = new BufferBlock<Dictionary<string, int>>();

        reader.LinkTo(batcher, s_propagate);
        foreach (var splitter in splitters)
        {
            batcher.LinkTo(splitter, s_propagate);
            splitter.LinkTo(total);
        }

        total.LinkTo(result, s_propagate);

        foreach (string file in files)
            await reader.SendAsync(file);
        reader.Complete();

        // Several sources lead to one target: it is complete when all of them are, not when the first one is.
        await Task.WhenAll(splitters.Select(splitter => splitter.Completion));
        total.Complete();
        return await result.ReceiveAsync();
    }
}
