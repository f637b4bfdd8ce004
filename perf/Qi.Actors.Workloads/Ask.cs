using System.Runtime.InteropServices;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads;

/// <summary>Questions n from one up, answered by n + 1; each asker waits for the reply before its next question.</summary>
public static class Ask
{
    private const int ManyAskers = 64;

    public static Workload Workload { get; } = new(
        "ask",
        "ask",
        1_000_000,
        Replies,
        new("Qi", Qi),
        new("Qi message allocated", QiAllocating),
        new("ActionBlock", ActionBlocks),
        new("Channel", Channels));

    public static Workload Many { get; } = new(
        "ask-64",
        "ask",
        1_000_000,
        Replies,
        new("Qi", (system, size) => AskQi(system, size, ManyAskers)),
        new("ActionBlock", (_, size) => AskBlock(size, ManyAskers)),
        new("Channel", (_, size) => AskChannel(size, ManyAskers))) { Fit = Workload.MultipleOf(ManyAskers) };

    public static long Qi(ActorSystem system, int size) => AskQi(system, size, 1);

    public static long ActionBlocks(ActorSystem system, int size) => AskBlock(size, 1);

    public static long Channels(ActorSystem system, int size) => AskChannel(size, 1);

    private static long Replies(int size) => Total.Of(size) + size;

    private static long QiAllocating(ActorSystem system, int size)
    {
        var actor = system.Spawn(() => new ObjectResponder());
        long sum = system.BlockOn(() => AskObjects(actor, size));
        actor.Complete();
        return sum;
    }

    private static long AskQi(ActorSystem system, int size, int askers)
    {
        var actor = system.Spawn(() => new Responder());
        long sum = system.BlockOn(() => AskFromMany(system, actor, size, askers));
        actor.Complete();
        return sum;
    }

    private static long AskBlock(int size, int askers)
    {
        var block = new ActionBlock<StockQuestion>(Answer);
        return Task.Run(() => AskFromManyTasks(block.Post, size, askers)).GetAwaiter().GetResult();
    }

    private static long AskChannel(int size, int askers)
    {
        var writer = ChannelLoop.Start<StockQuestion>(Answer);
        long sum = Task.Run(() => AskFromManyTasks(writer.TryWrite, size, askers)).GetAwaiter().GetResult();
        writer.Complete();
        return sum;
    }

    // Each asker has a share of the numbers, so that all together ask what one would.
    private static int First(int asker, int size, int askers) => (int)((long)size * asker / askers) + 1;

    private static void Answer(StockQuestion question) => question.Reply.SetResult(question.Number + 1);

    private static async Coroutine<long> AskFromMany(ActorSystem system, ActorRef<Question> actor, int size, int askers)
    {
        if (askers == 1)
            return await AskAll(actor, 1, size);
        var handles = new JoinHandle<long>[askers];
        for (int i = 0; i < askers; i++)
            handles[i] = system.Spawn(AskAll(actor, First(i, size, askers), First(i + 1, size, askers) - 1));
        long sum = 0;
        foreach (var handle in handles)
            sum += await handle;
        return sum;
    }

    private static async Coroutine<long> AskAll(ActorRef<Question> actor, int from, int to)
    {
        long sum = 0;
        int number = from;
        Func<ReplyTo<long>, Question> question = reply => new Question(reply, number);
        while (number <= to)
        {
            sum += await actor.AskAsync(question);
            number++;
        }

        return sum;
    }

    private static async Coroutine<long> AskObjects(ActorRef<ObjectQuestion> actor, int size)
    {
        long sum = 0;
        int number = 1;
        Func<ReplyTo<long>, ObjectQuestion> question = reply => new ObjectQuestion(reply, number);
        while (number <= size)
        {
            sum += await actor.AskAsync(question);
            number++;
        }

        return sum;
    }

    private static async Task<long> AskFromManyTasks(Func<StockQuestion, bool> send, int size, int askers)
    {
        if (askers == 1)
            return await AskAllTask(send, 1, size).ConfigureAwait(false);
        var tasks = Enumerable.Range(0, askers).Select(i => Task.Run(() => AskAllTask(send, First(i, size, askers), First(i + 1, size, askers) - 1)));
        long[] sums = await Task.WhenAll(tasks).ConfigureAwait(false);
        return sums.Sum();
    }

    private static async Task<long> AskAllTask(Func<StockQuestion, bool> send, int from, int to)
    {
        long sum = 0;
        for (int i = from; i <= to; i++)
        {
            var reply = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            send(new StockQuestion(reply, i));
            sum += await reply.Task.ConfigureAwait(false);
        }

        return sum;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Question(ReplyTo<long> Reply, long Number);

    private sealed record ObjectQuestion(ReplyTo<long> Reply, long Number);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct StockQuestion(TaskCompletionSource<long> Reply, long Number);

    private sealed class Responder : Actor<Question>
    {
        protected override void Receive(Question message) => message.Reply.Tell(message.Number + 1);
    }

    private sealed class ObjectResponder : Actor<ObjectQuestion>
    {
        protected override void Receive(ObjectQuestion message) => message.Reply.Tell(message.Number + 1);
    }
}
