// A writer that has only a share of each call, of a descriptor that is always ready, against an event that comes by itself, a cancel and a close. What the reactor is
// to tell again it tells later, in a thread of its own.

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;

namespace Qi.Actors.Model.Scenarios;

/// <param name="disturbance">Who else is there.</param>
/// <param name="hasEvent">Whether an event comes by itself.</param>
internal sealed class ShareScenario(Disturbance disturbance, bool hasEvent) : Scenario
{
    private readonly Permits _told = new(0, isCounted: true);
    private Write _write = null!;
    private int _sharesLeft = 1;
    private int _ends;
    private int _closed;

    public override void SetUp(Execution execution)
    {
        var handle = new IoHandle(0, IoHandleKind.Stream, _ => _closed++) { Reactor = new Teller(this) };
        _write = new Write(this) { Kind = IoKind.Send, Handle = handle };
        execution.Thread("writer", () => Begin(handle));
        execution.Thread("reactor", () => Tell(handle), mayBlock: true);
        if (hasEvent)
            execution.Thread("event", () => Readiness<Attempt>.Signal(ref handle.Writing, hasEnded: false));
        if (disturbance.HasFlag(Disturbance.Cancel))
            execution.Thread("canceller", () => Readiness<Attempt>.Cancel(_write, 1));
        if (disturbance.HasFlag(Disturbance.Close))
            execution.Thread("closer", handle.Close);
    }

    public override void CheckEnd()
    {
        bool isClosed = disturbance.HasFlag(Disturbance.Close);
        Must.Hold(_ends == 1 || (isClosed && _ends == 0 && _write.Use == 0), $"The write has ended {_ends} times.");
        Must.Hold(_closed == (isClosed ? 1 : 0), $"The descriptor was closed {_closed} times.");
        Must.Hold(disturbance != Disturbance.None || _write.Result == 1, "The write has ended badly for no reason.");
    }

    private void Begin(IoHandle handle)
    {
        if (handle.TryBegin(_write) == IoBegin.Begun && Readiness<Attempt>.Go(_write))
            _ends++;
    }

    private void Tell(IoHandle handle)
    {
        _told.Take();
        Readiness<Attempt>.Signal(ref handle.Writing, hasEnded: false);
    }

    private sealed class Write(ShareScenario scenario) : IoOperation
    {
        public int Try()
        {
            Must.Hold(scenario._closed == 0, "A system call on a closed descriptor.");
            return scenario._sharesLeft-- > 0 ? IAttempt.ShareIsDone : 1;
        }

        protected override void OnCompleted() => scenario._ends++;

        protected override void RequestCancel(int use) => Readiness<Attempt>.Cancel(this, use);
    }

    private readonly struct Attempt : IAttempt
    {
        public static int Once(IoOperation operation) => ((Write)operation).Try();
    }

    private sealed class Teller(ShareScenario scenario) : Reactor
    {
        public override ReactorKind Kind => ReactorKind.Epoll;

        public override bool HasEvents => false;

        internal override bool CanTellAgain => true;

        internal override void TellAgain(IoHandle handle)
        {
            Must.Hold(scenario._closed == 0, "P1: the reactor is to tell of a number that means something else.");
            scenario._told.Give();
        }

        public override bool Submit(IoOperation operation) => Readiness<Attempt>.Go(operation);

        public override void Cancel(IoOperation operation, int use) => Readiness<Attempt>.Cancel(operation, use);

        public override void Attach(IoHandle handle)
        {
        }

        public override void Detach(IoHandle handle)
        {
        }

        public override int Wait(long timeoutNs, int mostEvents) => 0;

        public override void Dispatch()
        {
        }

        public override void Wake()
        {
        }

        public override void Dispose()
        {
        }
    }
}
