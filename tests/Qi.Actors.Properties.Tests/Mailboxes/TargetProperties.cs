using System.Threading.Tasks.Dataflow;

using FsCheck;
using FsCheck.Fluent;

using Qi.Actors.Properties.Tests.Kit;
using Qi.Actors.Tests.Mailboxes;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Properties.Tests.Mailboxes;

/// <summary>
/// The offering protocol, target side: one model of it, which stock blocks and actors follow step by step, through the same offers,
/// sends, links, revocations and ends.
/// </summary>
internal abstract class TargetProperties
{
    private static readonly Gen<bool> s_rarely = Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)));

    private static readonly Gen<Step<TargetRun>> s_steps = Steps.Of(
        (10, Steps.Just<TargetRun>(new Post())),
        (20, Gen.Choose(0, TargetRun.Sources - 1).Zip(s_rarely.Two(), static (source, how) => (Step<TargetRun>)new Offer(source, how.Item1, how.Item2))),
        (4, Steps.With<TargetRun>(TargetRun.Sources - 1, static source => new Revoke(source))),
        (6, Steps.Just<TargetRun>(new Send())),
        (2, Steps.With<TargetRun>(3, static index => new CancelSend(index))),
        (2, Steps.With<TargetRun>(4, static messages => new Link(messages))),
        (25, Steps.Just<TargetRun>(new HandleOne())),
        (1, Gen.Elements<Step<TargetRun>>(new Complete(), new Fault())));

    [TestCase(1)]
    [TestCase(3)]
    public void Offers_AtRandom_AreAnsweredAsTheModelSays(int capacity)
        => Programs.Check(() => Create(capacity), s_steps, static run => run.Finish(), runs: 250, longest: 60);

    private protected abstract TargetRun Create(int capacity);

    private protected static TaskScheduler NewScheduler() => new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;

    private sealed record Post : Step<TargetRun>
    {
        public override void Run(TargetRun subject) => subject.Post();
    }

    private sealed record Offer(int Source, bool ConsumeToAccept, bool IsGone) : Step<TargetRun>
    {
        public override void Run(TargetRun subject) => subject.Offer(Source, ConsumeToAccept, IsGone);
    }

    private sealed record Revoke(int Source) : Step<TargetRun>
    {
        public override void Run(TargetRun subject) => subject.Revoke(Source);
    }

    private sealed record Send : Step<TargetRun>
    {
        public override void Run(TargetRun subject) => subject.Send();
    }

    private sealed record CancelSend(int Index) : Step<TargetRun>
    {
        public override void Run(TargetRun subject) => subject.CancelSend(Index);
    }

    private sealed record Link(int Messages) : Step<TargetRun>
    {
        public override void Run(TargetRun subject) => subject.Link(Messages);
    }

    private sealed record HandleOne : Step<TargetRun>
    {
        public override void Run(TargetRun subject) => subject.HandleOne();
    }

    private sealed record Complete : Step<TargetRun>
    {
        public override void Run(TargetRun subject) => subject.Close(isFault: false);
    }

    private sealed record Fault : Step<TargetRun>
    {
        public override void Run(TargetRun subject) => subject.Close(isFault: true);
    }
}

internal sealed class StockBufferBlockTargetProperties : TargetProperties
{
    private protected override TargetRun Create(int capacity)
    {
        var scheduler = NewScheduler();
        var block = new BufferBlock<int>(new DataflowBlockOptions { BoundedCapacity = capacity, TaskScheduler = scheduler });
        return new TargetRun(new ReceivedSubject(block, null), scheduler, capacity, isGated: false);
    }
}

internal sealed class StockActionBlockTargetProperties : TargetProperties
{
    private protected override TargetRun Create(int capacity)
    {
        var scheduler = NewScheduler();
        var options = new ExecutionDataflowBlockOptions { BoundedCapacity = capacity + 1, TaskScheduler = scheduler };

        // When an ActionBlock finds a postponed message gone, it leaves the rest of its line until something else happens.
        return new TargetRun(GatedSubject.Of(handle => new ActionBlock<int>(handle, options)), scheduler, capacity + 1, isGated: true, mayRevoke: false);
    }
}

internal sealed class SyncActorTargetProperties : TargetProperties
{
    private protected override TargetRun Create(int capacity)
    {
        var options = new ActorOptions { Mailbox = MailboxOptions.Bounded(capacity) };
        return new TargetRun(
            GatedSubject.OfSyncActor((system, handle) => system.Spawn(handle, null, options)),
            NewScheduler(),
            capacity + 1,
            isGated: true);
    }
}

internal sealed class AsyncActorTargetProperties : TargetProperties
{
    private protected override TargetRun Create(int capacity)
    {
        var options = new ActorOptions { Mailbox = MailboxOptions.Bounded(capacity) };
        return new TargetRun(
            GatedSubject.OfAsyncActor((system, handle) => system.Spawn(handle, null, options)),
            NewScheduler(),
            capacity + 1,
            isGated: true);
    }
}
