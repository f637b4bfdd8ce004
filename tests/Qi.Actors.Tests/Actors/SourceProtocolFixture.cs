using System.Threading.Tasks.Dataflow;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

/// <summary>The source side of the offering protocol, on actors with an output and on the stock blocks alike.</summary>
internal abstract class SourceProtocolFixture
{
    private protected static readonly DataflowLinkOptions PropagateCompletion = new() { PropagateCompletion = true };

    private protected IPropagatorBlock<int, int> Block { get; private set; } = null!;

    private IReceivableSourceBlock<int> Source => (IReceivableSourceBlock<int>)Block;

    [SetUp]
    public void CreateBlock() => Block = Create();

    [TearDown]
    public abstract Task DisposeBlock();

    [Test]
    public async Task TryReceive_WithAFilter_TakesOnlyAMatchingHead()
    {
        await Fill(1, 2, 3);

        Assert.That(Source.TryReceive(value => value == 2, out _), Is.False, "only the head is looked at");
        Assert.That(Source.TryReceive(value => value == 1, out int first), Is.True);
        Assert.That(first, Is.EqualTo(1));
        Assert.That(Source.TryReceive(null, out int second), Is.True);
        Assert.That(second, Is.EqualTo(2));
    }

    [Test]
    public async Task TryReceiveAll_WithItems_TakesThemAll()
    {
        Assert.That(Source.TryReceiveAll(out _), Is.False);
        await Fill(1, 2, 3);

        Assert.That(Source.TryReceiveAll(out var items), Is.True);
        Assert.That(items, Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(Source.TryReceive(null, out _), Is.False);
    }

    [Test]
    public async Task Reserve_ThenConsume_TakesTheMessageFromOthers()
    {
        var offered = Signal.NewSource<DataflowMessageHeader>();
        var target = new Postponing(offered);
        Block.LinkTo(target);
        await Fill(1);
        var header = await Signal.Within(offered.Task);

        Assert.That(Block.ReserveMessage(header, target), Is.True);
        Assert.That(Source.TryReceive(null, out _), Is.False, "it is reserved");
        int value = Block.ConsumeMessage(header, target, out bool isConsumed);

        Assert.That((value, isConsumed), Is.EqualTo((1, true)));
        Block.ConsumeMessage(header, target, out isConsumed);
        Assert.That(isConsumed, Is.False);
        Assert.That(Block.ReserveMessage(header, target), Is.False);
    }

    [Test]
    public async Task Reserve_ThenRelease_GivesTheMessageToOthers()
    {
        var offered = Signal.NewSource<DataflowMessageHeader>();
        var target = new Postponing(offered);
        var link = Block.LinkTo(target);
        await Fill(1);
        var header = await Signal.Within(offered.Task);
        Assert.That(Block.ReserveMessage(header, target), Is.True);
        link.Dispose();
        var other = new BufferBlock<int>();
        Block.LinkTo(other);

        Block.ReleaseReservation(header, target);

        Assert.That(await Signal.Within(other.ReceiveAsync()), Is.EqualTo(1));
        Assert.That(() => Block.ReleaseReservation(header, target), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Completion_WithItemsLeft_WaitsForThem()
    {
        await Fill(1);
        Block.Complete();

        Assert.That(Block.Completion.IsCompleted, Is.False);
        Assert.That(await Signal.Within(Block.ReceiveAsync()), Is.EqualTo(1));
        await Signal.Within(Block.Completion);
    }

    [Test]
    public async Task Fault_WithALinkThatPropagates_FaultsTheTarget()
    {
        var target = new ActionBlock<int>(_ => { });
        Block.LinkTo(target, PropagateCompletion);
        var failure = new FormatException();

        Block.Fault(failure);

        await Signal.Within(Task.WhenAny(target.Completion));
        Assert.That(target.Completion.Exception!.Flatten().InnerExceptions, Is.EqualTo(new[] { failure }));
    }

    [Test]
    public async Task Network_WithTheBlockInTheMiddle_DeliversInOrderAndCompletes()
    {
        var seen = new List<int>();
        var first = new TransformBlock<int, int>(value => value);
        var last = new ActionBlock<int>(seen.Add, new ExecutionDataflowBlockOptions { BoundedCapacity = 2 });
        first.LinkTo(Block, PropagateCompletion);
        Block.LinkTo(last, PropagateCompletion);
        for (int i = 0; i < 1_000; i++)
            first.Post(i);
        first.Complete();

        await Signal.Within(last.Completion);

        Assert.That(seen, Is.EqualTo(Enumerable.Range(0, 1_000)));
        await Signal.Within(Block.Completion);
    }

    private protected abstract IPropagatorBlock<int, int> Create();

    // Puts items into the output and waits until they are there.
    private async Task Fill(params int[] items)
    {
        foreach (int item in items)
            Assert.That(await Signal.Within(DataflowBlock.SendAsync(Block, item)), Is.True);
        Assert.That(SpinWait.SpinUntil(() => Count(Block) == items.Length, Signal.Bound), Is.True);
    }

    private static int Count(IPropagatorBlock<int, int> block) => block switch
    {
        BufferBlock<int> buffer => buffer.Count,
        TransformBlock<int, int> transform => transform.OutputCount,
        ActorRef<int, int> actor => actor.OutputCount,
        _ => throw new NotSupportedException(),
    };

    // Answers every offer with Postponed.
    private sealed class Postponing(TaskCompletionSource<DataflowMessageHeader> offered) : ITargetBlock<int>
    {
        public Task Completion => Task.CompletedTask;

        public DataflowMessageStatus OfferMessage(DataflowMessageHeader messageHeader, int messageValue, ISourceBlock<int>? source, bool consumeToAccept)
        {
            offered.TrySetResult(messageHeader);
            return DataflowMessageStatus.Postponed;
        }

        public void Complete()
        {
        }

        public void Fault(Exception exception)
        {
        }
    }
}

internal sealed class StockBufferBlockSourceTests : SourceProtocolFixture
{
    public override Task DisposeBlock() => Task.CompletedTask;

    private protected override IPropagatorBlock<int, int> Create() => new BufferBlock<int>();
}

internal sealed class StockTransformBlockSourceTests : SourceProtocolFixture
{
    public override Task DisposeBlock() => Task.CompletedTask;

    private protected override IPropagatorBlock<int, int> Create() => new TransformBlock<int, int>(value => value);
}

[TestFixture(0)]
[TestFixture(2)]
internal sealed class OutputActorSourceTests(int mailboxCapacity) : SourceProtocolFixture
{
    private TestSystem _system = null!;

    public override async Task DisposeBlock() => await _system.DisposeAsync();

    private protected override IPropagatorBlock<int, int> Create()
    {
        _system = new TestSystem();
        var mailbox = mailboxCapacity == 0 ? MailboxOptions.Unbounded : MailboxOptions.Bounded(mailboxCapacity);
        return _system.Actors.SpawnTransform<int, int>(value => value, null, new ActorOptions { Mailbox = mailbox });
    }
}
