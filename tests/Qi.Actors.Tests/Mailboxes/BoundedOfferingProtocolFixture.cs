using System.Threading.Tasks.Dataflow;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Mailboxes;

/// <summary>What the offering protocol demands of a target that can be full and postpones then.</summary>
internal abstract class BoundedOfferingProtocolFixture : OfferingProtocolFixture
{
    [Test]
    public async Task Offer_WhenFull_IsPostponedOrDeclined()
    {
        await Subject.Fill();
        var source = new ManualSource<int>(7);

        Assert.That(source.Offer(Target), Is.EqualTo(DataflowMessageStatus.Postponed));
        Assert.That(source.Offer(Target, 2, consumeToAccept: true), Is.EqualTo(DataflowMessageStatus.Postponed));
        Assert.That(Target.OfferMessage(new DataflowMessageHeader(1), 7, null, false), Is.EqualTo(DataflowMessageStatus.Declined));
        Assert.That(source.Calls, Is.Empty);
    }

    [Test]
    public async Task Room_WithPostponedOffers_ConsumesThemInOrder()
    {
        int taken = await Subject.Fill();
        var sources = Enumerable.Range(0, 5).Select(i => new ManualSource<int>(100 + i)).ToArray();
        for (int i = 0; i < sources.Length; i++)
            Assert.That(sources[i].Offer(Target, 10 + i), Is.EqualTo(DataflowMessageStatus.Postponed));

        for (int i = 1; i <= taken; i++)
            Assert.That(await Subject.HandleOne(), Is.EqualTo(i));
        for (int i = 0; i < sources.Length; i++)
        {
            Assert.That(await Subject.HandleOne(), Is.EqualTo(100 + i));
            Assert.That(sources[i].Calls, Is.EqualTo(new[] { $"consume {10 + i}" }));
            Assert.That(sources[i].Callers, Is.EqualTo(new[] { Target }));
        }
    }

    [Test]
    public async Task Room_AfterANewerOfferOfTheSameSource_ConsumesTheNewer()
    {
        int taken = await Subject.Fill();
        var first = new ManualSource<int>(100);
        var second = new ManualSource<int>(200);
        first.Offer(Target, 1);
        second.Offer(Target, 1);
        first.Value = 101;
        Assert.That(first.Offer(Target, 2), Is.EqualTo(DataflowMessageStatus.Postponed));

        for (int i = 1; i <= taken; i++)
            await Subject.HandleOne();

        Assert.That(await Subject.HandleOne(), Is.EqualTo(101));
        Assert.That(await Subject.HandleOne(), Is.EqualTo(200));
        Assert.That(first.Calls, Is.EqualTo(new[] { "consume 2" }));
    }

    [Test]
    public async Task Room_WhenThePostponedIsGone_GoesToTheNext()
    {
        int taken = await Subject.Fill();
        var gone = new ManualSource<int>(100) { IsAvailable = false };
        var next = new ManualSource<int>(200);
        gone.Offer(Target);
        next.Offer(Target);

        for (int i = 1; i <= taken; i++)
            await Subject.HandleOne();

        Assert.That(await Subject.HandleOne(), Is.EqualTo(200));
        Assert.That(gone.Calls, Is.EqualTo(new[] { "consume 1" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Complete_WithPostponedOffers_ReleasesThem(bool isAvailable)
    {
        await Subject.Fill();
        var first = new ManualSource<int>(100) { IsAvailable = isAvailable };
        var last = new ManualSource<int>(200);
        first.Offer(Target, 5);
        last.Offer(Target, 6);

        Target.Complete();
        Subject.LetAllThrough();
        await Signal.Within(last.Released, "the release of the postponed offer");
        await Signal.Within(Target.Completion, "Completion");

        string[] expected = isAvailable ? ["reserve 5", "release 5"] : ["reserve 5"];
        Assert.That(first.Calls, Is.EqualTo(expected));
        Assert.That(last.Calls, Is.EqualTo(new[] { "reserve 6", "release 6" }));
    }

    [Test]
    public async Task SendAsync_WhenFull_EndsWhenThereIsRoom()
    {
        int taken = await Subject.Fill();
        var pending = Enumerable.Range(100, 4).Select(value => DataflowBlock.SendAsync(Target, value)).ToArray();
        Assert.That(pending.Any(task => task.IsCompleted), Is.False);

        for (int i = 1; i <= taken; i++)
            await Subject.HandleOne();
        for (int i = 0; i < pending.Length; i++)
            Assert.That(await Subject.HandleOne(), Is.EqualTo(100 + i));

        Assert.That(await Signal.Within(Task.WhenAll(pending)), Is.All.True);
    }

    [Test]
    public async Task SendAsync_CancelledWhileItWaits_IsNotSent()
    {
        int taken = await Subject.Fill();
        using var cancel = new CancellationTokenSource();
        var cancelled = DataflowBlock.SendAsync(Target, 100, cancel.Token);
        var kept = DataflowBlock.SendAsync(Target, 200);

        cancel.Cancel();
        Assert.That(async () => await Signal.Within(cancelled), Throws.InstanceOf<OperationCanceledException>());
        for (int i = 1; i <= taken; i++)
            await Subject.HandleOne();

        Assert.That(await Subject.HandleOne(), Is.EqualTo(200));
        Assert.That(await Signal.Within(kept), Is.True);
    }

    [Test]
    public async Task SendAsync_WaitingWhenTheTargetEnds_IsFalse()
    {
        await Subject.Fill();
        var pending = DataflowBlock.SendAsync(Target, 100);

        Target.Complete();
        Subject.LetAllThrough();

        Assert.That(await Signal.Within(pending), Is.False);
    }

    [Test]
    public async Task Links_OfTwoSources_ArePulledInTurn()
    {
        await Subject.Fill();
        var left = new BufferBlock<int>();
        var right = new BufferBlock<int>();
        for (int i = 0; i < 50; i++)
        {
            left.Post(1000 + i);
            right.Post(2000 + i);
        }

        left.LinkTo(Target);
        right.LinkTo(Target);
        var seen = new List<int>();
        while (seen.Count(value => value >= 1000) < 100)
            seen.Add(await Subject.HandleOne());

        Assert.That(seen.Where(value => value is >= 1000 and < 2000), Is.EqualTo(Enumerable.Range(1000, 50)));
        Assert.That(seen.Where(value => value >= 2000), Is.EqualTo(Enumerable.Range(2000, 50)));
        Assert.That(seen.FindIndex(value => value >= 2000), Is.LessThan(seen.FindIndex(value => value == 1049)), "both are served");
    }

    [Test]
    public async Task Link_WithMaxMessagesOverAFullTarget_CountsConsumedOffers()
    {
        int taken = await Subject.Fill();
        var buffer = new BufferBlock<int>();
        for (int i = 0; i < 10; i++)
            buffer.Post(100 + i);
        buffer.LinkTo(Target, new DataflowLinkOptions { MaxMessages = 3 });

        for (int i = 1; i <= taken; i++)
            await Subject.HandleOne();
        for (int i = 0; i < 3; i++)
            Assert.That(await Subject.HandleOne(), Is.EqualTo(100 + i));

        var sent = DataflowBlock.SendAsync(Target, 7);
        Assert.That(await Subject.HandleOne(), Is.EqualTo(7));
        Assert.That(await Signal.Within(sent), Is.True);
        Assert.That(buffer.Count, Is.EqualTo(7));
    }
}
