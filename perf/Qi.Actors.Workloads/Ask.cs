using System.Runtime.InteropServices;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads;

/// <summary>One asker that waits for each reply before its next question.</summary>
public static class Ask
{
    public static Workload Workload { get; } =
        new("ask", "ask", 500_000, size => Total.Of(size), new("Qi", Qi), new("ActionBlock", ActionBlocks), new("Channel", Channels));

    public static long Qi(ActorSystem system, int size)
    {
        var actor = system.Spawn(() => new Responder());
        long sum = system.BlockOn(() => AskAll(actor, size));
        actor.Complete();
        return sum;
    }

    public static long ActionBlocks(ActorSystem system, int size)
    {
        var block = new ActionBlock<StockQuestion>(static question => question.Reply.SetResult(question.Number));
        return Task.Run(() => AskAll(block.Post, size)).GetAwaiter().GetResult();
    }

    public static long Channels(ActorSystem system, int size)
    {
        var writer = ChannelLoop.Start<StockQuestion>(static question => question.Reply.SetResult(question.Number));
        long sum = Task.Run(() => AskAll(writer.TryWrite, size)).GetAwaiter().GetResult();
        writer.Complete();
        return sum;
    }

    private static async Coroutine<long> AskAll(ActorRef<Question> actor, int size)
    {
        long sum = 0;
        int number = 0;
        Func<ReplyTo<long>, Question> question = reply => new Question(reply, number);
        while (number < size)
        {
            number++;
            sum += await actor.AskAsync(question);
        }

        return sum;
    }

    private static async Task<long> AskAll(Func<StockQuestion, bool> send, int size)
    {
        long sum = 0;
        for (int i = 1; i <= size; i++)
        {
            var reply = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            send(new StockQuestion(reply, i));
            sum += await reply.Task.ConfigureAwait(false);
        }

        return sum;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Question(ReplyTo<long> Reply, long Number);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct StockQuestion(TaskCompletionSource<long> Reply, long Number);

    private sealed class Responder : Actor<Question>
    {
        protected override void Receive(Question message) => message.Reply.Tell(message.Number);
    }
}
