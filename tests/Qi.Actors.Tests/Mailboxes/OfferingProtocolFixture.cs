using System.Threading.Tasks.Dataflow;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Mailboxes;

/// <summary>What the offering protocol demands of every target block: stock blocks and actors pass the same cases.</summary>
internal abstract class OfferingProtocolFixture
{
    private protected static readonly DataflowLinkOptions PropagateCompletion = new() { PropagateCompletion = true };

    private protected OfferingSubject Subject { get; private set; } = null!;

    private protected ITargetBlock<int> Target => Subject.Target;

    [SetUp]
    public void CreateSubject() => Subject = Create();

    [TearDown]
    public async Task DisposeSubject() => await Subject.DisposeAsync();

    [TestCase(true)]
    [TestCase(false)]
    public async Task Offer_WithRoom_IsAccepted(bool hasSource)
    {
        var source = hasSource ? new ManualSource<int>(7) : null;

        var status = Target.OfferMessage(new DataflowMessageHeader(1), 7, source, consumeToAccept: false);

        Assert.That(status, Is.EqualTo(DataflowMessageStatus.Accepted));
        Assert.That(await Subject.HandleOne(), Is.EqualTo(7));
        Assert.That(source?.Calls ?? [], Is.Empty);
    }

    [Test]
    public void Offer_WithInvalidHeader_Throws()
        => Assert.That(
            () => Target.OfferMessage(default, 7, null, consumeToAccept: false),
            Throws.ArgumentException.With.Property(nameof(ArgumentException.ParamName)).EqualTo("messageHeader"));

    [Test]
    public void Offer_ConsumeToAcceptWithoutSource_Throws()
        => Assert.That(
            () => Target.OfferMessage(new DataflowMessageHeader(1), 7, null, consumeToAccept: true),
            Throws.ArgumentException.With.Property(nameof(ArgumentException.ParamName)).EqualTo("consumeToAccept"));

    [Test]
    public async Task Offer_ConsumeToAccept_TakesWhatTheSourceGives()
    {
        var source = new ManualSource<int>(42);

        var status = Target.OfferMessage(new DataflowMessageHeader(3), 7, source, consumeToAccept: true);

        Assert.That(status, Is.EqualTo(DataflowMessageStatus.Accepted));
        Assert.That(source.Calls, Is.EqualTo(new[] { "consume 3" }));
        Assert.That(source.Callers, Is.EqualTo(new[] { Target }));
        Assert.That(await Subject.HandleOne(), Is.EqualTo(42));
    }

    [Test]
    public async Task Offer_ConsumeToAcceptOfWhatIsGone_IsNotAvailable()
    {
        var source = new ManualSource<int>(42) { IsAvailable = false };

        Assert.That(source.Offer(Target, consumeToAccept: true), Is.EqualTo(DataflowMessageStatus.NotAvailable));

        Target.Post(8);
        Assert.That(await Subject.HandleOne(), Is.EqualTo(8));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Offer_AfterTheEnd_IsDeclinedPermanentlyAndNotConsumed(bool fault)
    {
        if (fault)
            Target.Fault(new InvalidOperationException("enough"));
        else
            Target.Complete();
        var source = new ManualSource<int>(7);

        Assert.That(source.Offer(Target), Is.EqualTo(DataflowMessageStatus.DecliningPermanently));
        Assert.That(source.Offer(Target, 2, consumeToAccept: true), Is.EqualTo(DataflowMessageStatus.DecliningPermanently));
        Assert.That(Target.OfferMessage(new DataflowMessageHeader(1), 7, null, false), Is.EqualTo(DataflowMessageStatus.DecliningPermanently));
        Assert.That(Target.Post(9), Is.False);
        Assert.That(source.Calls, Is.Empty);
    }

    [Test]
    public async Task Complete_WithMessagesWaiting_EndsWhenTheyAreHandled()
    {
        Assert.That(Target.Post(1), Is.True);
        Assert.That(await Signal.Within(DataflowBlock.SendAsync(Target, 2)), Is.True);

        Target.Complete();
        Target.Complete();

        Assert.That(await Subject.HandleOne(), Is.EqualTo(1));
        Assert.That(Target.Completion.IsCompleted, Is.False);
        Assert.That(await Subject.HandleOne(), Is.EqualTo(2));
        await Signal.Within(Target.Completion, "Completion");
        Assert.That(Target.Completion.Status, Is.EqualTo(TaskStatus.RanToCompletion));
    }

    [Test]
    public async Task Complete_WhenNothingWasOffered_EndsAtOnce()
    {
        Target.Complete();

        await Signal.Within(Target.Completion, "Completion");
    }

    [Test]
    public async Task Fault_WithMessagesWaiting_FaultsCompletion()
    {
        Target.Post(1);
        Target.Post(2);
        var failure = new InvalidOperationException("enough");

        Target.Fault(failure);
        Subject.LetAllThrough();

        await Signal.Within(Task.WhenAny(Target.Completion), "Completion");
        Assert.That(Target.Completion.IsFaulted, Is.True);
        Assert.That(Target.Completion.Exception!.Flatten().InnerExceptions, Is.EqualTo(new[] { failure }));
    }

    [Test]
    public async Task Fault_AfterComplete_StillEnds()
    {
        Target.Post(1);
        Target.Complete();

        Target.Fault(new InvalidOperationException("enough"));
        Subject.LetAllThrough();

        await Signal.Within(Task.WhenAny(Target.Completion), "Completion");
    }

    [Test]
    public void Fault_WithoutException_Throws()
        => Assert.That(() => Target.Fault(null!), Throws.ArgumentNullException);

    [Test]
    public async Task SendAsync_WithRoom_IsTrue()
    {
        Assert.That(await Signal.Within(DataflowBlock.SendAsync(Target, 7)), Is.True);
        Assert.That(await Subject.HandleOne(), Is.EqualTo(7));
    }

    [Test]
    public async Task SendAsync_AfterTheEnd_IsFalse()
    {
        Target.Complete();

        Assert.That(await Signal.Within(DataflowBlock.SendAsync(Target, 7)), Is.False);
    }

    [Test]
    public void SendAsync_Cancelled_ThrowsAndSendsNothing()
    {
        Assert.That(async () => await DataflowBlock.SendAsync(Target, 7, new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        Target.Complete();
        Assert.That(async () => await Signal.Within(Target.Completion, "Completion of a block that got nothing"), Throws.Nothing);
    }

    [Test]
    public async Task Link_OfABuffer_DeliversInOrderAndCompletion()
    {
        var buffer = new BufferBlock<int>();
        buffer.LinkTo(Target, PropagateCompletion);
        for (int i = 0; i < 200; i++)
            buffer.Post(i);
        buffer.Complete();

        for (int i = 0; i < 200; i++)
            Assert.That(await Subject.HandleOne(), Is.EqualTo(i));
        await Signal.Within(Target.Completion, "Completion");
    }

    [Test]
    public async Task Link_OfAFaultedBuffer_FaultsTheTarget()
    {
        var buffer = new BufferBlock<int>();
        buffer.LinkTo(Target, PropagateCompletion);
        var failure = new InvalidOperationException("enough");

        ((IDataflowBlock)buffer).Fault(failure);

        await Signal.Within(Task.WhenAny(Target.Completion), "Completion");
        Assert.That(Target.Completion.Exception!.Flatten().InnerExceptions, Is.EqualTo(new[] { failure }));
    }

    [Test]
    public async Task Link_WithPredicate_LetsOnlyMatchingItemsThrough()
    {
        var buffer = new BufferBlock<int>();
        buffer.LinkTo(Target, PropagateCompletion, value => value % 2 == 0);
        var odd = new BufferBlock<int>();
        buffer.LinkTo(odd, value => value % 2 != 0);
        for (int i = 0; i < 20; i++)
            buffer.Post(i);

        for (int i = 0; i < 20; i += 2)
        {
            Assert.That(await Subject.HandleOne(), Is.EqualTo(i));
            Assert.That(await Signal.Within(odd.ReceiveAsync()), Is.EqualTo(i + 1));
        }
    }

    [Test]
    public async Task Link_WithMaxMessages_UnlinksAfterThem()
    {
        var buffer = new BufferBlock<int>();
        buffer.LinkTo(Target, new DataflowLinkOptions { MaxMessages = 5 });
        for (int i = 0; i < 10; i++)
            buffer.Post(i);

        for (int i = 0; i < 5; i++)
            Assert.That(await Subject.HandleOne(), Is.EqualTo(i));
        Assert.That(await Signal.Within(buffer.ReceiveAsync()), Is.EqualTo(5));
        Target.Post(100);
        Assert.That(await Subject.HandleOne(), Is.EqualTo(100));
    }

    [Test]
    public async Task Link_Prepended_ComesBeforeTheOthers()
    {
        var buffer = new BufferBlock<int>();
        var second = new BufferBlock<int>();
        buffer.LinkTo(second);
        buffer.LinkTo(Target, new DataflowLinkOptions { Append = false, MaxMessages = 1 });

        buffer.Post(1);
        buffer.Post(2);

        Assert.That(await Subject.HandleOne(), Is.EqualTo(1));
        Assert.That(await Signal.Within(second.ReceiveAsync()), Is.EqualTo(2));
    }

    [Test]
    public async Task Link_Disposed_DeliversNoMore()
    {
        var buffer = new BufferBlock<int>();
        var link = buffer.LinkTo(Target);
        buffer.Post(1);
        Assert.That(await Subject.HandleOne(), Is.EqualTo(1));

        link.Dispose();
        buffer.Post(2);
        Target.Post(3);

        Assert.That(await Subject.HandleOne(), Is.EqualTo(3));
        Assert.That(buffer.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task Link_OfABroadcast_ConsumesItsClones()
    {
        var broadcast = new BroadcastBlock<int>(value => value * 10);
        broadcast.LinkTo(Target);

        broadcast.Post(4);

        Assert.That(await Subject.HandleOne(), Is.EqualTo(40));
    }

    private protected abstract OfferingSubject Create();
}
