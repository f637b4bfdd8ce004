using System.Threading.Tasks.Dataflow;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Mailboxes;

internal sealed class StockActionBlockOfferingTests : OfferingProtocolFixture
{
    private protected override OfferingSubject Create() => GatedSubject.Of(handle => new ActionBlock<int>(handle));
}

internal sealed class StockBufferBlockOfferingTests : OfferingProtocolFixture
{
    private protected override OfferingSubject Create() => new ReceivedSubject(new BufferBlock<int>(), null);
}

internal sealed class SyncActorOfferingTests : OfferingProtocolFixture
{
    private protected override OfferingSubject Create() => GatedSubject.OfSyncActor((system, handle) => system.Spawn(handle));
}

internal sealed class AsyncActorOfferingTests : OfferingProtocolFixture
{
    private protected override OfferingSubject Create() => GatedSubject.OfAsyncActor((system, handle) => system.Spawn(handle));
}

internal sealed class PrioritizedActorOfferingTests : OfferingProtocolFixture
{
    private protected override OfferingSubject Create()
        => GatedSubject.OfAsyncActor((system, handle) => system.Spawn(handle, null, new ActorOptions { Mailbox = MailboxOptions.Prioritized<int>(_ => 0) }));
}

internal sealed class OutputActorOfferingTests : OfferingProtocolFixture
{
    private protected override OfferingSubject Create()
    {
        var system = new TestSystem();
        return new ReceivedSubject(system.Actors.SpawnTransform<int, int>(value => value), system);
    }
}

[TestFixture(1)]
[TestFixture(3)]
internal sealed class StockBoundedActionBlockOfferingTests(int capacity) : BoundedOfferingProtocolFixture
{
    private protected override OfferingSubject Create()
        => GatedSubject.Of(handle => new ActionBlock<int>(handle, new ExecutionDataflowBlockOptions { BoundedCapacity = capacity + 1 }));
}

[TestFixture(2)]
[TestFixture(4)]
internal sealed class StockBoundedBufferBlockOfferingTests(int capacity) : BoundedOfferingProtocolFixture
{
    private protected override OfferingSubject Create()
        => new ReceivedSubject(new BufferBlock<int>(new DataflowBlockOptions { BoundedCapacity = capacity }), null);
}

[TestFixture(1)]
[TestFixture(3)]
internal sealed class BoundedSyncActorOfferingTests(int capacity) : BoundedOfferingProtocolFixture
{
    private protected override OfferingSubject Create()
        => GatedSubject.OfSyncActor((system, handle) => system.Spawn(handle, null, new ActorOptions { Mailbox = MailboxOptions.Bounded(capacity) }));
}

[TestFixture(1)]
[TestFixture(3)]
internal sealed class BoundedAsyncActorOfferingTests(int capacity) : BoundedOfferingProtocolFixture
{
    private protected override OfferingSubject Create()
        => GatedSubject.OfAsyncActor((system, handle) => system.Spawn(handle, null, new ActorOptions { Mailbox = MailboxOptions.Bounded(capacity) }));
}

[TestFixture(1)]
[TestFixture(3)]
internal sealed class BoundedOutputActorOfferingTests(int capacity) : BoundedOfferingProtocolFixture
{
    private protected override OfferingSubject Create()
    {
        var system = new TestSystem();
        var entered = new SemaphoreSlim(0);
        var actor = system.Actors.Spawn<int, int>(
            () => new Relay(entered),
            null,
            new ActorOptions { Mailbox = MailboxOptions.Bounded(capacity) });
        return new ReceivedSubject(actor, system, entered, messagesUnderWay: 2);
    }

    // Its output holds one item: the second one keeps the handler, and so the mailbox, waiting.
    private sealed class Relay(SemaphoreSlim entered) : AsyncActor<int, int>
    {
        protected override int OutputCapacity => 1;

        protected override async ValueTask ReceiveAsync(int message)
        {
            entered.Release();
            await EmitAsync(message);
        }
    }
}
