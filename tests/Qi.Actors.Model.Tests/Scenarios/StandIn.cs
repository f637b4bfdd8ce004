using System.Threading.Tasks.Dataflow;

using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Stands in for an actor whose mailbox is not what a scenario is about: it hands what it is told to the scenario at once.</summary>
internal sealed class StandIn<TMessage>(ActorSystem system, Func<TMessage, TellStatus>? receive = null) : ActorRef<TMessage>
{
    public int Told { get; private set; }

    public override ActorPath Path => ActorPath.ForUser("stand-in");

    public override bool IsStopped => false;

    public override int? MailboxCount => null;

    public override Task Completion => Task.CompletedTask;

    internal override ActorSystem OwnerSystem => system;

    internal override Exception? NotedFailure => null;

    public override TellStatus Tell(TMessage message)
    {
        Told++;
        return receive?.Invoke(message) ?? TellStatus.Accepted;
    }

    public override ValueTask<bool> SendAsync(TMessage message, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override Task StopAsync(StopMode mode = StopMode.Drain, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public override void Complete()
    {
    }

    public override void Fault(Exception exception)
    {
    }

    internal override void Run(ThreadContext thread)
    {
    }

    internal override DataflowMessageStatus Offer(
        DataflowMessageHeader header,
        TMessage message,
        ISourceBlock<TMessage>? source,
        bool consumeToAccept,
        ITargetBlock<TMessage> target)
        => DataflowMessageStatus.Declined;

    internal override ValueTask<bool> WaitForRoomAsync(CancellationToken cancellationToken) => new(true);

    internal override TellStatus TryTell(TMessage message) => Tell(message);

    internal override TellStatus TryTellQuestion(TMessage message, ThreadContext thread) => Tell(message);
}
