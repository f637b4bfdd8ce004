// A reader of a descriptor against events, a cancel and a close. The kernel is a count of what can be read: it grows, and then the event is reported.

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;

namespace Qi.Actors.Model.Scenarios;

/// <summary>What may come in the reader's way.</summary>
[Flags]
internal enum Disturbance
{
    None = 0,
    Cancel = 1,
    Close = 2,
}

/// <param name="arrivals">How often something arrives; the reader reads once more.</param>
/// <param name="disturbance">Who else is there.</param>
/// <param name="takesAll">Whether a read takes all there is, so that it ends short of its buffer, or one thing at a time.</param>
internal sealed class ReadinessScenario(int arrivals, Disturbance disturbance, bool takesAll = false) : Scenario
{
    private readonly Permits _ended = new(0, isCounted: true);
    private Read _read = null!;
    private int _available;
    private int _taken;
    private int _readings;
    private int _begun;
    private int _over;
    private int _cancelled;
    private int _closed;
    private bool _isWaiting;

    public override void SetUp(Execution execution)
    {
        var handle = new IoHandle(0, IoHandleKind.Stream, _ => _closed++) { IsEmptyAfterShortRead = takesAll };
        _read = new Read(this) { Kind = takesAll ? IoKind.Receive : IoKind.WaitReadable, Memory = new byte[arrivals + 1], Handle = handle };
        execution.Thread("reader", () => ReadAll(handle), mayBlock: true);
        execution.Thread("reactor", () => Arrive(handle));
        if (disturbance.HasFlag(Disturbance.Cancel))
            execution.Thread("canceller", () => Readiness<Attempt>.Cancel(_read, 1));
        if (disturbance.HasFlag(Disturbance.Close))
            execution.Thread("closer", handle.Close);
    }

    public override void CheckEnd()
    {
        Must.Hold(_over + (_isWaiting ? 1 : 0) == _begun, $"{_begun} uses were begun and {_over} have ended; one waits: {_isWaiting}.");
        Must.Hold(!_isWaiting || _available == _taken, "I3: it waits beside something to read.");
        Must.Hold(_readings + _cancelled == _over, "A use has read and was cancelled, or neither.");
        bool isClosed = disturbance.HasFlag(Disturbance.Close);
        Must.Hold(!(isClosed && _isWaiting), "It waits at a closed descriptor.");
        Must.Hold(_closed == (isClosed ? 1 : 0), $"The descriptor was closed {_closed} times.");
        Must.Hold(isClosed || _cancelled <= 1, "One cancel has ended several uses.");
    }

    private void ReadAll(IoHandle handle)
    {
        for (int i = 0; i <= arrivals; i++)
        {
            if (handle.TryBegin(_read) != IoBegin.Begun)
                return;
            _begun++;
            if (!Readiness<Attempt>.Go(_read))
            {
                _isWaiting = true;
                _ended.Take();
                _isWaiting = false;
            }

            _over++;
            if (_read.Result >= 0)
                continue;
            _cancelled++;
            Must.Hold(i == 0 || disturbance.HasFlag(Disturbance.Close), "A cancel has ended a later use.");
        }
    }

    private void Arrive(IoHandle handle)
    {
        for (int i = 0; i < arrivals; i++)
        {
            Atomic.Write(ref _available, _available + 1);
            IoSide.BeginSignals();
            Readiness<Attempt>.Signal(ref handle.Reading, hasEnded: false);
        }
    }

    private sealed class Read(ReadinessScenario scenario) : IoOperation
    {
        public int Try()
        {
            Must.Hold(scenario._closed == 0, "A system call on a closed descriptor.");
            int more = Atomic.Read(ref scenario._available) - scenario._taken;
            if (more == 0)
                return -IoErrors.WouldBlock;
            int taken = Kind == IoKind.Receive ? more : 1;
            scenario._taken += taken;
            scenario._readings++;
            return taken;
        }

        protected override void OnCompleted() => scenario._ended.Give();

        protected override void RequestCancel(int use) => Readiness<Attempt>.Cancel(this, use);
    }

    private readonly struct Attempt : IAttempt
    {
        public static int Once(IoOperation operation) => ((Read)operation).Try();
    }
}
