using System.Threading.Tasks.Dataflow;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

/// <summary>Stock blocks that group or copy, linked to an actor; the same networks end in a stock block for comparison.</summary>
[TestFixture(0)]
[TestFixture(1)]
[TestFixture(-1)]
internal sealed class NetworkTests(int capacity)
{
    private const int Stock = -1;

    private static readonly DataflowLinkOptions s_propagate = new() { PropagateCompletion = true };

    private TestSystem _system = null!;

    [SetUp]
    public void CreateSystem() => _system = new TestSystem();

    [TearDown]
    public async Task DisposeSystem() => await _system.DisposeAsync();

    [TestCase(true)]
    [TestCase(false)]
    public async Task Join_LinkedToATarget_DeliversPairs(bool isGreedy)
    {
        var pairs = new List<(int, string)>();
        var target = Target<Tuple<int, string>>(pair => pairs.Add((pair.Item1, pair.Item2)));
        var join = new JoinBlock<int, string>(new GroupingDataflowBlockOptions { Greedy = isGreedy });
        var numbers = new BufferBlock<int>();
        var texts = new BufferBlock<string>();
        numbers.LinkTo(join.Target1, s_propagate);
        texts.LinkTo(join.Target2, s_propagate);
        join.LinkTo(target, s_propagate);
        for (int i = 0; i < 200; i++)
        {
            numbers.Post(i);
            texts.Post($"{i}");
        }

        numbers.Complete();
        texts.Complete();
        await Signal.Within(target.Completion);

        Assert.That(pairs, Is.EqualTo(Enumerable.Range(0, 200).Select(i => (i, $"{i}"))));
    }

    [Test]
    public async Task Batch_LinkedToATarget_DeliversArrays()
    {
        var sizes = new List<int>();
        var target = Target<int[]>(batch => sizes.Add(batch.Length));
        var batch = new BatchBlock<int>(10);
        batch.LinkTo(target, s_propagate);
        for (int i = 0; i < 95; i++)
            batch.Post(i);
        batch.Complete();

        await Signal.Within(target.Completion);

        Assert.That(sizes, Is.EqualTo(Enumerable.Repeat(10, 9).Append(5)));
    }

    [Test]
    public async Task Broadcast_LinkedToTwoTargets_ReachesBothInOrder()
    {
        var seen = new List<int>[] { [], [] };
        var first = Target<int>(seen[0].Add);
        var second = Target<int>(seen[1].Add);
        var broadcast = new BroadcastBlock<int>(value => value);
        broadcast.LinkTo(first, s_propagate);
        broadcast.LinkTo(second, s_propagate);
        for (int i = 0; i < 100; i++)
            broadcast.Post(i);
        broadcast.Complete();

        await Signal.Within(Task.WhenAll(first.Completion, second.Completion));

        foreach (var list in seen)
        {
            Assert.That(list, Is.Ordered.And.Unique);
            Assert.That(list, Has.Count.LessThanOrEqualTo(100));
            if (capacity == 0)
                Assert.That(list, Has.Count.EqualTo(100));
        }
    }

    [Test]
    public async Task TwoTargets_OfOneSource_ShareItsItems()
    {
        var seen = new List<int>[] { [], [] };
        var first = Target<int>(seen[0].Add);
        var second = Target<int>(seen[1].Add);
        var buffer = new BufferBlock<int>();
        buffer.LinkTo(first, s_propagate);
        buffer.LinkTo(second, s_propagate);
        for (int i = 0; i < 1_000; i++)
            buffer.Post(i);
        buffer.Complete();

        await Signal.Within(Task.WhenAll(first.Completion, second.Completion));

        Assert.That(seen[0].Concat(seen[1]).Order(), Is.EqualTo(Enumerable.Range(0, 1_000)), "each item once");
        Assert.That(seen[0], Is.Ordered);
        Assert.That(seen[1], Is.Ordered);
    }

    private ITargetBlock<T> Target<T>(Action<T> handle) => capacity switch
    {
        Stock => new ActionBlock<T>(handle, new ExecutionDataflowBlockOptions { BoundedCapacity = 2 }),
        0 => _system.Actors.Spawn(handle),
        _ => _system.Actors.Spawn(handle, null, new ActorOptions { Mailbox = MailboxOptions.Bounded(capacity) }),
    };
}
