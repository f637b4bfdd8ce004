// A bounded mailbox of one place on a real actor: a sender that waits for room, a dataflow source whose offers are postponed and whose message
// is fetched when there is room, and the actor that serves the line. In a second scenario the source has withdrawn its message when it is to be
// fetched: the place that was reserved for it goes to the next in line.

using System.Threading.Tasks.Dataflow;

using Qi.Actors.Model.Controller;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

internal sealed class OfferScenario(bool withdraws) : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly List<string> _received = [];
    private readonly List<Task<bool>> _sends = [];
    private Source _source = null!;

    public override void SetUp(Execution execution)
    {
        var system = Systems.Make(dispatchers: 1);
        var actor = system.Spawn<string>(Receive, name: null, new ActorOptions { Mailbox = MailboxOptions.Bounded(1) });
        _source = new Source(withdraws ? "withdrawn" : _ledger.Put("offered"), withdraws);
        execution.Thread("sender", () => Send(actor, withdraws ? ["sent 1"] : ["sent 1", "sent 2"]));
        execution.Thread("source", () => _source.OfferTo(actor));
    }

    public override void CheckEnd()
    {
        Must.Hold(_sends.TrueForAll(send => send.IsCompletedSuccessfully), "A sender waits for room, and there is room.");
        Must.Hold(_source.IsTaken, "A postponed offer waits for room, and there is room.");
        _ledger.CheckAllTaken();
        Must.Hold(withdraws || _received.IndexOf("sent 1") < _received.IndexOf("sent 2"), $"A sender's messages were turned round: {string.Join(", ", _received)}.");
    }

    private void Send(ActorRef<string> actor, params string[] messages)
    {
        foreach (string message in messages)
            _sends.Add(actor.SendAsync(_ledger.Put(message)).AsTask());
    }

    private void Receive(string message)
    {
        _ledger.Take(message);
        _received.Add(message);
    }

    // A source with one message, which it gives to whoever consumes it first.
    private sealed class Source(string message, bool withdraws) : ISourceBlock<string>
    {
        public bool IsTaken { get; private set; }

        public Task Completion => Task.CompletedTask;

        public void OfferTo(ITargetBlock<string> target)
        {
            var status = target.OfferMessage(new DataflowMessageHeader(1), message, this, consumeToAccept: withdraws);
            if (withdraws)
                Must.Hold(status is DataflowMessageStatus.NotAvailable or DataflowMessageStatus.Postponed, $"The offer was answered with {status}.");
            else if (status == DataflowMessageStatus.Accepted)
                Take();
            else
                Must.Hold(status == DataflowMessageStatus.Postponed, $"The offer was answered with {status}.");
        }

        public string? ConsumeMessage(DataflowMessageHeader messageHeader, ITargetBlock<string> target, out bool messageConsumed)
        {
            Take();
            messageConsumed = !withdraws;
            return withdraws ? null : message;
        }

        public bool ReserveMessage(DataflowMessageHeader messageHeader, ITargetBlock<string> target) => !IsTaken;

        public void ReleaseReservation(DataflowMessageHeader messageHeader, ITargetBlock<string> target)
        {
        }

        public IDisposable LinkTo(ITargetBlock<string> target, DataflowLinkOptions linkOptions) => throw new NotSupportedException();

        public void Complete()
        {
        }

        public void Fault(Exception exception)
        {
        }

        private void Take()
        {
            Must.Hold(!IsTaken, "The offered message was taken twice.");
            IsTaken = true;
        }
    }
}
