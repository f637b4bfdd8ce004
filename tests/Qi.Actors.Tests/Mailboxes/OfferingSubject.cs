using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Mailboxes;

/// <summary>A target block whose handling of messages a test lets through one by one.</summary>
internal abstract class OfferingSubject : IAsyncDisposable
{
    /// <summary>The block under test.</summary>
    public abstract ITargetBlock<int> Target { get; }

    /// <summary>Lets the block handle one more message and returns it.</summary>
    public abstract Task<int> HandleOne();

    /// <summary>Lets the block handle whatever comes.</summary>
    public abstract void LetAllThrough();

    /// <summary>Posts 1, 2, 3, ... until the block declines; returns how many it took.</summary>
    public async Task<int> Fill()
    {
        int taken = 0;
        while (taken < MessagesUnderWay)
        {
            Assert.That(Target.Post(++taken), Is.True);
            await Busy();
        }

        while (Target.Post(taken + 1))
            taken++;
        return taken;
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>How many messages leave the mailbox before anything is let through.</summary>
    protected virtual int MessagesUnderWay => 1;

    /// <summary>Ends when one more message has left the mailbox, if any does.</summary>
    public abstract Task Busy();
}

/// <summary>A subject whose handler stands at a gate.</summary>
internal sealed class GatedSubject : OfferingSubject
{
    private const int Everything = 1_000_000;

    private readonly SemaphoreSlim _gate = new(0);
    private readonly SemaphoreSlim _entered = new(0);
    private readonly Channel<int> _handled = Channel.CreateUnbounded<int>();
    private readonly TestSystem? _system;

    private GatedSubject(TestSystem? system, Func<GatedSubject, ITargetBlock<int>> create)
    {
        _system = system;
        Target = create(this);
    }

    public override ITargetBlock<int> Target { get; }

    /// <summary>A stock block, or one that needs no system.</summary>
    public static GatedSubject Of(Func<Func<int, Task>, ITargetBlock<int>> create)
        => new(null, subject => create(subject.HandleAsync));

    /// <summary>An actor whose handler is a synchronous delegate.</summary>
    public static GatedSubject OfSyncActor(Func<ActorSystem, Action<int>, ITargetBlock<int>> create)
    {
        var system = new TestSystem();
        return new GatedSubject(system, subject => create(system.Actors, subject.Handle));
    }

    /// <summary>An actor whose handler is an asynchronous delegate.</summary>
    public static GatedSubject OfAsyncActor(Func<ActorSystem, Func<int, ValueTask>, ITargetBlock<int>> create)
    {
        var system = new TestSystem();
        return new GatedSubject(system, subject => create(system.Actors, message => new ValueTask(subject.HandleAsync(message))));
    }

    public override async Task<int> HandleOne()
    {
        _gate.Release();
        return await Signal.Within(_handled.Reader.ReadAsync(), "a handled message");
    }

    public override void LetAllThrough() => _gate.Release(Everything);

    public override async ValueTask DisposeAsync()
    {
        LetAllThrough();
        if (_system is not null)
            await _system.DisposeAsync();
    }

    public override Task Busy() => Signal.Within(_entered, "the first message to be in the handler");

    private async Task HandleAsync(int message)
    {
        _entered.Release();
        await _gate.WaitAsync();
        _handled.Writer.TryWrite(message);
    }

    private void Handle(int message)
    {
        _entered.Release();
        _gate.Wait();
        _handled.Writer.TryWrite(message);
    }
}

/// <summary>A subject that keeps messages until they are received.</summary>
internal sealed class ReceivedSubject(IPropagatorBlock<int, int> block, TestSystem? system, SemaphoreSlim? entered = null, int messagesUnderWay = 0) : OfferingSubject
{
    public override ITargetBlock<int> Target => block;

    public override async Task<int> HandleOne() => await Signal.Within(block.ReceiveAsync(), "an item to receive");

    public override void LetAllThrough() => block.LinkTo(DataflowBlock.NullTarget<int>());

    public override async ValueTask DisposeAsync()
    {
        LetAllThrough();
        if (system is not null)
            await system.DisposeAsync();
    }

    protected override int MessagesUnderWay => messagesUnderWay;

    public override Task Busy() => Signal.Within(entered!, "an item to leave the mailbox");
}
