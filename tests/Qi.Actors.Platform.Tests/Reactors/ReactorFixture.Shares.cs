using System.Net.Sockets;

namespace Qi.Actors.Platform.Tests;

public abstract partial class ReactorFixture<T>
{
    // A fresh connection of this machine takes it without a wait, and what one call may write is half of it.
    private const int TwoShares = 2 * IoOperation.MostBytesAtOnce;

    [Test]
    public void Send_OfMoreThanAShare_SendsAllAndBehindOtherEvents([Values] bool isVectored)
    {
        byte[] sent = TestSockets.Pattern(TwoShares + 5, 3);
        using var listener = TestSockets.Listen();
        var own = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        own.Connect(listener.LocalEndPoint!);
        using var other = listener.Accept();
        var handle = Handle(own, IoHandleKind.Stream);
        var operation = isVectored ? SendPieces(sent) : Send(sent);
        int before = _driver.Events;

        // On the owner's thread: whatever ends it at once would be without an event.
        bool isAtOnce = false;
        var sending = _driver.Call(() =>
        {
            var started = operation.Start(handle);
            isAtOnce = started.IsCompleted;
            return started;
        });
        bool isRight = TestSockets.ReceiveAll(other, sent.Length).AsSpan().SequenceEqual(sent);

        Assert.That((End(sending), isRight), Is.EqualTo((sent.Length, true)));
        Assert.That(operation.Ends, Is.EqualTo(1));
        if (!SharesWrites)
            return; // whatever is beneath it sends what it is given, maybe at once
        Assert.That(isAtOnce, Is.False);
        Assert.That(_driver.Events - before, Is.GreaterThanOrEqualTo(2));
    }

    [Test]
    public void Send_OfManyShares_EndsOnceWhateverDisturbsIt([Values] bool isClosed)
    {
        if (_driver.Reactor.Kind == ReactorKind.Portable)
            Assert.Ignore("The framework sends what it is given.");
        byte[] sent = TestSockets.Pattern(8 * TwoShares, 4);
        byte[] buffer = new byte[1 << 20];
        for (int round = 0; round < 20; round++)
        {
            var (handle, other) = Connected();
            var operation = Send(sent);
            var sending = operation.Start(handle);
            Settle(); // it has begun, also where the owner begins it
            int read = 0;
            var reader = Start(() =>
            {
                int count;
                while (read < sent.Length && (count = other.Receive(buffer)) > 0)
                    read += count;
            });
            var disturber = Start(() =>
            {
                for (int i = round; i > 0; i--)
                    Thread.Yield();
                if (isClosed)
                    handle.Close();
                else
                    operation.Cancel();
            });
            int result = End(sending);
            Join(disturber);
            handle.Close();
            Join(reader);

            Assert.That(result, Is.EqualTo(sent.Length).Or.EqualTo(-IoErrors.Canceled));
            Assert.That(operation.Ends, Is.EqualTo(1));
            Assert.That(read, result > 0 ? Is.EqualTo(sent.Length) : Is.LessThanOrEqualTo(sent.Length));
        }
    }

    private TestOperation SendPieces(byte[] pinned)
    {
        var operation = Operation(IoKind.SendVectored);
        operation.Vectors = Pieces(pinned, (0, 3), (3, IoOperation.MostBytesAtOnce + 1), (IoOperation.MostBytesAtOnce + 4, IoOperation.MostBytesAtOnce + 1));
        operation.VectorCount = operation.Vectors.Length;
        return operation;
    }
}
