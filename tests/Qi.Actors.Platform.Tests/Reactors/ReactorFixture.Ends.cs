namespace Qi.Actors.Platform.Tests;

// Cancelling and closing: while an operation waits, and in races with its data and its beginning.
public abstract partial class ReactorFixture<T>
{
    [Test]
    public void Cancel_WhileItWaits_EndsItAndTheSideIsFree()
    {
        var (handle, other) = Connected();
        byte[] buffer = new byte[8];
        var operation = Receive(buffer);
        for (byte round = 0; round < 10; round++)
        {
            var received = operation.Start(handle);
            Settle();
            operation.Cancel();
            Assert.That(End(received), Is.EqualTo(-IoErrors.Canceled));
            other.Send([round, 1]);
            Assert.That(End(operation.Start(handle)), Is.EqualTo(2));
            Assert.That(buffer[0], Is.EqualTo(round));
        }

        Assert.That(operation.Ends, Is.EqualTo(20));
    }

    [TestCase(IoKind.WaitReadable)]
    [TestCase(IoKind.Accept)]
    public void Cancel_OfAnOperationWithoutABuffer_EndsIt(IoKind kind)
    {
        var handle = kind == IoKind.Accept ? Handle(TestSockets.Listen(), IoHandleKind.Listener) : Connected().Handle;
        var operation = Operation(kind);
        var waiting = operation.Start(handle);
        Settle();
        operation.Cancel();
        Assert.That(End(waiting), Is.EqualTo(-IoErrors.Canceled));
    }

    [Test]
    public void Cancel_OfASendThatHasNoRoom_EndsIt()
    {
        var (handle, _) = Connected();
        var operation = Send(TestSockets.Pattern(10 << 20, 4));
        var sending = operation.Start(handle);
        Settle();
        operation.Cancel();
        Assert.That(End(sending), Is.EqualTo(-IoErrors.Canceled));
    }

    [Test]
    public void Cancel_OfAUseThatHasEnded_DoesNothingToTheNext()
    {
        var (handle, other) = Connected();
        var operation = Receive(new byte[8]);
        other.Send([1]);
        Assert.That(End(operation.Start(handle)), Is.EqualTo(1));
        int ended = _driver.Call(() => operation.Use);
        _driver.Do(() => _driver.Reactor.Cancel(operation, ended));
        var received = operation.Start(handle);
        _driver.Do(() => _driver.Reactor.Cancel(operation, ended));
        Settle();
        Assert.That(received.IsCompleted, Is.False);
        other.Send([1, 2]);
        Assert.That(End(received), Is.EqualTo(2));
    }

    [Test]
    public void Cancel_RacingWithData_LosesNoByte()
    {
        const int Rounds = 1500;
        var (handle, other) = Connected();
        byte[] buffer = new byte[1];
        var operation = Receive(buffer);
        var random = new Rng(5);
        int cancelled = 0;
        int uses = 0;
        for (int round = 0; round < Rounds; round++)
        {
            var received = operation.Start(handle);
            uses++;
            if (random.Below(2) == 0)
            {
                other.Send([(byte)round]);
                operation.Cancel();
            }
            else
            {
                operation.Cancel();
                other.Send([(byte)round]);
            }

            int result = End(received);
            if (result == -IoErrors.Canceled)
            {
                cancelled++;
                uses++;
                result = End(operation.Start(handle));
            }

            Assert.That(result, Is.EqualTo(1), $"Round {round}.");
            Assert.That(buffer[0], Is.EqualTo((byte)round), $"Round {round}: a byte was lost, or came twice.");
        }

        Assert.That(operation.Ends, Is.EqualTo(uses));
        TestContext.Out.WriteLine($"{cancelled} of {Rounds} rounds were cancelled.");
    }

    [Test]
    public void Close_WhileOperationsWait_EndsThemAndClosesOnce()
    {
        int closes = 0;
        using var closed = new ManualResetEventSlim();
        var (handle, _) = Connected(() =>
        {
            Atomic.Add(ref closes, 1);
            closed.Set();
        });
        var receiving = Receive(new byte[8]);
        var sending = Send(TestSockets.Pattern(10 << 20, 6));
        var received = receiving.Start(handle);
        var sent = sending.Start(handle);
        Settle();
        handle.Close();
        handle.Close();
        Assert.That(End(received), Is.EqualTo(-IoErrors.Canceled));
        Assert.That(End(sent), Is.EqualTo(-IoErrors.Canceled));
        Assert.That(closed.Wait(s_bound), Is.True);
        Settle();
        Assert.That((closes, receiving.Ends, sending.Ends), Is.EqualTo((1, 1, 1)));
        Assert.That(handle.TryBegin(receiving), Is.EqualTo(IoBegin.Closed));
        Assert.That(handle.TryUse(), Is.False);
    }

    [Test]
    public void Close_WhileTheDescriptorIsUsed_WaitsForTheEndOfTheUse()
    {
        using var closed = new ManualResetEventSlim();
        var (handle, _) = Connected(closed.Set);
        Assert.That(handle.TryUse(), Is.True);
        handle.Close();
        Settle();
        Assert.That(closed.IsSet, Is.False);
        handle.EndUse();
        Assert.That(closed.IsSet, Is.True);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Close_RacingWithSubmit_EndsTheOperationAndClosesOnce(bool hasData)
    {
        const int Rounds = 400;
        byte[] buffer = new byte[8];
        using var begin = new Barrier(2);
        IoHandle? handle = null;
        Thread closer = Start(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                begin.SignalAndWait(s_bound);
                handle!.Close();
            }
        });
        for (int round = 0; round < Rounds; round++)
        {
            int closes = 0;
            using var closed = new ManualResetEventSlim();
            (handle, var other) = Connected(() =>
            {
                Atomic.Add(ref closes, 1);
                closed.Set();
            });
            var operation = Receive(buffer);
            if (hasData)
                other.Send([1]);
            Assert.That(begin.SignalAndWait(s_bound), Is.True);
            int result = End(operation.Start(handle));
            Assert.That(result, Is.EqualTo(-IoErrors.Canceled).Or.EqualTo(hasData ? 1 : -IoErrors.Canceled));
            Assert.That(closed.Wait(s_bound), Is.True);
            Settle();
            Assert.That((closes, operation.Ends <= 1), Is.EqualTo((1, true)), $"Round {round}.");
            other.Dispose();
        }

        Join(closer);
    }
}
