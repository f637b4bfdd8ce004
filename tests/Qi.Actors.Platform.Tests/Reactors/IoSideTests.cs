namespace Qi.Actors.Platform.Tests;

/// <summary>The transitions of a side, one after the other, and events against waits.</summary>
public sealed class IoSideTests
{
    private static readonly TimeSpan s_bound = ReactorDriver.Bound;

    [Test]
    public void TryBegin_OfAFreshSide_IsReadyAndBusy()
    {
        var side = IoSide.Fresh;
        var operation = new PlainOperation();
        Assert.That(side.TryBegin(operation), Is.EqualTo(IoBegin.Begun));
        Assert.That(IoSide.IsReady(side.Seen), Is.True);
        Assert.That(side.Current, Is.SameAs(operation));
        Assert.That(side.TryBegin(new PlainOperation()), Is.EqualTo(IoBegin.Busy));
        Assert.That(side.End(), Is.False);
        Assert.That(side.Current, Is.Null);
        int first = operation.Use;
        Assert.That(side.TryBegin(operation), Is.EqualTo(IoBegin.Begun));
        Assert.That(operation.Use, Is.EqualTo(first + 1));
    }

    [Test]
    public void TryWait_WithoutAnEvent_WaitsForTheNext()
    {
        var side = IoSide.Fresh;
        var operation = new PlainOperation();
        side.TryBegin(operation);
        Assert.That(side.TryWait(side.Seen), Is.EqualTo(IoWait.Waiting));
        Assert.That(IoSide.IsReady(side.Seen), Is.False);
        Assert.That(side.Signal(hasEnded: false), Is.SameAs(operation));
        Assert.That(IoSide.IsReady(side.Seen), Is.True);
        Assert.That(side.Signal(hasEnded: false), Is.Null, "One event owns the operation.");
    }

    [Test]
    public void TryWait_AfterAnEventThatTheCallerHasNotSeen_TriesAgain()
    {
        var side = IoSide.Fresh;
        side.TryBegin(new PlainOperation());
        long seen = side.Seen;
        Assert.That(side.Signal(hasEnded: false), Is.Null);
        Assert.That(side.TryWait(seen), Is.EqualTo(IoWait.TryAgain));
        Assert.That(side.TryWait(side.Seen), Is.EqualTo(IoWait.Waiting));
    }

    [Test]
    public void EndEmptied_IsNotReady_UnlessThereWasAnEventOrTheEnd()
    {
        var side = IoSide.Fresh;
        var operation = new PlainOperation();
        side.TryBegin(operation);
        long seen = side.Seen;
        Assert.That(side.EndEmptied(seen), Is.False);
        Assert.That(IoSide.IsReady(side.Seen), Is.False);
        Assert.That(side.Current, Is.Null);

        side.TryBegin(operation);
        seen = side.Seen;
        side.Signal(hasEnded: false);
        Assert.That(side.EndEmptied(seen), Is.False);
        Assert.That(IoSide.IsReady(side.Seen), Is.True, "There was an event since.");

        side.Signal(hasEnded: true);
        side.TryBegin(operation);
        Assert.That(side.EndEmptied(side.Seen), Is.False);
        Assert.That(IoSide.IsReady(side.Seen), Is.True, "The end stays to be read.");
    }

    [Test]
    public void EndEmptied_OfAClosedSide_GivesItsShareBack()
    {
        var side = IoSide.Fresh;
        side.TryBegin(new PlainOperation());
        long seen = side.Seen;
        side.Close(out _, out _);
        Assert.That(side.EndEmptied(seen), Is.True);
    }

    [Test]
    public void Signal_OfASideThatIsReadyAndNotUsed_ChangesNothing()
    {
        var side = IoSide.Fresh;
        long seen = side.Seen;
        Assert.That(side.Signal(hasEnded: false), Is.Null);
        Assert.That(side.Seen, Is.EqualTo(seen));
        Assert.That(side.Signal(hasEnded: true), Is.Null);
        Assert.That(side.Seen, Is.Not.EqualTo(seen), "The end is news.");
        seen = side.Seen;
        Assert.That(side.Signal(hasEnded: true), Is.Null);
        Assert.That(side.Seen, Is.EqualTo(seen));
    }

    [Test]
    public void Cancel_OfAWaitingUse_GetsItsOperationOnce()
    {
        var side = IoSide.Fresh;
        var operation = new PlainOperation();
        side.TryBegin(operation);
        side.TryWait(side.Seen);
        Assert.That(side.Cancel(operation.Use + 1), Is.Null);
        Assert.That(side.Cancel(operation.Use), Is.SameAs(operation));
        Assert.That(side.Cancel(operation.Use), Is.Null);
        Assert.That(side.Signal(hasEnded: false), Is.Null);
        Assert.That(side.End(), Is.False);
        Assert.That(side.Cancel(operation.Use), Is.Null);
        Assert.That(side.TryBegin(operation), Is.EqualTo(IoBegin.Begun));
        Assert.That(IoSide.IsCancelled(side.Seen), Is.False, "The next use is not cancelled.");
    }

    [Test]
    public void Cancel_BeforeTheWait_KeepsTheUseFromWaiting()
    {
        var side = IoSide.Fresh;
        var operation = new PlainOperation();
        side.TryBegin(operation);
        long seen = side.Seen;
        Assert.That(side.Cancel(operation.Use), Is.Null);
        Assert.That(side.TryWait(seen), Is.EqualTo(IoWait.Cancelled));
    }

    [Test]
    public void Close_GivesTheShareBackOnce([Values] bool isBusy, [Values] bool waits)
    {
        var side = IoSide.Fresh;
        var operation = new PlainOperation();
        if (isBusy)
            side.TryBegin(operation);
        if (isBusy && waits)
            side.TryWait(side.Seen);
        bool isGivenBack = side.Close(out var waiting, out var inProgress);
        Assert.That(isGivenBack, Is.EqualTo(!isBusy));
        Assert.That(waiting, Is.SameAs(isBusy && waits ? operation : null));
        Assert.That(inProgress, Is.SameAs(isBusy && !waits ? operation : null));
        Assert.That(side.Close(out _, out _), Is.False);
        if (isBusy)
            Assert.That(side.End(), Is.True);
        Assert.That(side.TryBegin(operation), Is.EqualTo(IoBegin.Closed));
    }

    [Test]
    public void Ticks_BeyondTheirBits_DisturbNoOther()
    {
        var side = IoSide.Fresh;
        var operation = new PlainOperation();
        side.TryBegin(operation);
        for (int tick = 0; tick < (1 << 24) + 1; tick++)
            side.Signal(hasEnded: false);
        Assert.That(side.Cancel(operation.Use), Is.Null);
        Assert.That(IoSide.IsCancelled(side.Seen), Is.True, "The number of the use is as it was.");
    }

    // The kernel's descriptor is a counter of bytes here: a producer adds and signals, as a reactor does after an event; the consumer tries and waits.
    [Test]
    [Category("Stress")]
    public void SignalsAgainstWaits_LoseNoEvent()
    {
        const int Rounds = 200_000;
        var subject = new Cell();
        var operation = new PlainOperation();
        using var woken = new SemaphoreSlim(0);
        var producer = new Thread(() =>
        {
            var random = new Rng(1);
            for (int round = 1; round <= Rounds; round++)
            {
                Atomic.Write(ref subject.Produced, round);
                IoSide.BeginSignals();
                if (subject.Side.Signal(hasEnded: false) is not null)
                    woken.Release();
                for (uint spin = random.Below(60); spin > 0; spin--)
                    Atomic.Pause();
                while (Atomic.Read(ref subject.Consumed) < round)
                    Thread.Yield();
            }
        }) { IsBackground = true };
        producer.Start();
        int waits = 0;
        for (int consumed = 0; consumed < Rounds;)
        {
            subject.Side.TryBegin(operation);
            while (true)
            {
                long seen = subject.Side.Seen;
                int produced = Atomic.Read(ref subject.Produced);
                if (produced > consumed)
                {
                    Atomic.Write(ref subject.Consumed, consumed = produced);
                    break;
                }

                if (subject.Side.TryWait(seen) == IoWait.Waiting)
                {
                    waits++;
                    Assert.That(woken.Wait(s_bound), Is.True, $"An event was lost after {consumed} of {Rounds}.");
                }
            }

            subject.Side.End();
        }

        Assert.That(producer.Join(s_bound), Is.True);
        Assert.That(waits, Is.Positive);
    }

    private sealed class Cell
    {
        public IoSide Side = IoSide.Fresh;
        public int Produced;
        public int Consumed;
    }
}
