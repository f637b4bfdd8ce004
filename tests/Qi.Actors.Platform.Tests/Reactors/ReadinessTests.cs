namespace Qi.Actors.Platform.Tests;

/// <summary>An operation that has had its share of a call waits for an event that the reactor makes.</summary>
internal sealed class ReadinessTests
{
    [Test]
    public void Go_WithASharePerEvent_TakesAnEventForEach()
    {
        var reactor = new Teller();
        var (handle, operation) = Begin(reactor, shares: 3);

        Assert.That(Readiness<Shares>.Go(operation), Is.False);
        for (int told = 1; told <= 3; told++)
        {
            Assert.That((reactor.Told, operation.Ends), Is.EqualTo((told, 0)));
            Readiness<Shares>.Signal(ref handle.Writing, hasEnded: false);
        }

        Assert.That((reactor.Told, operation.Ends, operation.Result), Is.EqualTo((3, 1, 42)));
    }

    [Test]
    public void Go_WithAReactorThatCannotTellAgain_GoesOnAtOnce()
    {
        var (_, operation) = Begin(new Teller { IsAble = false }, shares: 3);

        Assert.That((Readiness<Shares>.Go(operation), operation.Result), Is.EqualTo((true, 42)));
    }

    [Test]
    public void Cancel_OfOneThatHasHadAShare_EndsIt()
    {
        var (_, operation) = Begin(new Teller(), shares: 3);
        Readiness<Shares>.Go(operation);

        Readiness<Shares>.Cancel(operation, operation.Use);

        Assert.That((operation.Ends, operation.Result), Is.EqualTo((1, -IoErrors.Canceled)));
    }

    [Test]
    public void Close_OfOneThatHasHadAShare_EndsItAndClosesOnce()
    {
        int closed = 0;
        var (handle, operation) = Begin(new Teller(), shares: 3, () => closed++);
        Readiness<Shares>.Go(operation);

        handle.Close();

        Assert.That((operation.Ends, operation.Result, closed), Is.EqualTo((1, -IoErrors.Canceled, 1)));
    }

    [Test]
    public void Close_DuringTheAttempt_EndsItInsteadOfWaiting()
    {
        int closed = 0;
        var (handle, operation) = Begin(new Teller(), shares: 3, () => closed++);
        operation.Meanwhile = handle.Close;

        Assert.That((Readiness<Shares>.Go(operation), operation.Result, closed), Is.EqualTo((true, -IoErrors.Canceled, 1)));
    }

    private static (IoHandle Handle, Sending Operation) Begin(Teller reactor, int shares, Action? closed = null)
    {
        var handle = new IoHandle(0, IoHandleKind.Stream, _ => closed?.Invoke()) { Reactor = reactor };
        var operation = new Sending { Kind = IoKind.Send, SharesLeft = shares };
        Assert.That(handle.TryBegin(operation), Is.EqualTo(IoBegin.Begun));
        return (handle, operation);
    }

    private readonly struct Shares : IAttempt
    {
        public static int Once(IoOperation operation)
        {
            var sending = (Sending)operation;
            sending.Meanwhile?.Invoke();
            return sending.SharesLeft-- > 0 ? IAttempt.ShareIsDone : 42;
        }
    }

    private sealed class Sending : IoOperation
    {
        public int SharesLeft { get; set; }

        public Action? Meanwhile { get; set; }

        public int Ends { get; private set; }

        protected override void OnCompleted() => Ends++;

        protected override void RequestCancel(int use) => Readiness<Shares>.Cancel(this, use);
    }

    /// <summary>A reactor that only counts what it is to tell.</summary>
    private sealed class Teller : Reactor
    {
        public bool IsAble { get; init; } = true;

        public int Told { get; private set; }

        public override ReactorKind Kind => ReactorKind.Epoll;

        public override bool HasEvents => false;

        internal override bool CanTellAgain => IsAble;

        internal override void TellAgain(IoHandle handle) => Told++;

        public override void Attach(IoHandle handle)
        {
        }

        public override void Detach(IoHandle handle)
        {
        }

        public override bool Submit(IoOperation operation) => Readiness<Shares>.Go(operation);

        public override void Cancel(IoOperation operation, int use) => Readiness<Shares>.Cancel(operation, use);

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
