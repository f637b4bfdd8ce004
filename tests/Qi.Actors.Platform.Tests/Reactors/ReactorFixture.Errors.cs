using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.Platform.Tests;

// Failures: each the same number from every reactor, and none swallowed.
public abstract partial class ReactorFixture<T>
{
    [TestCase(IoKind.Receive)]
    [TestCase(IoKind.ReceiveVectored)]
    public void Receive_OfWhatIsNotConnected_EndsWithNotConnected(IoKind kind)
    {
        var handle = Handle(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        byte[] bytes = GC.AllocateArray<byte>(10, pinned: true);
        var operation = Operation(kind);
        operation.Memory = bytes;
        operation.Vectors = Pieces(bytes, (0, 10));
        operation.VectorCount = 1;
        Assert.That(ErrorOf(End(operation.Start(handle))), Is.EqualTo(SocketError.NotConnected));
    }

    [TestCase(IoKind.Send)]
    [TestCase(IoKind.SendVectored)]
    public void Send_AfterTheOwnEndHasShutDown_EndsWithShutdownAndReadingGoesOn(IoKind kind)
    {
        var (handle, other) = Connected();
        byte[] bytes = GC.AllocateArray<byte>(10, pinned: true);
        NativeSockets.Shutdown(handle, SocketShutdown.Send);
        Assert.That(other.Receive(bytes), Is.Zero);
        var operation = Operation(kind);
        operation.Memory = bytes;
        operation.Vectors = Pieces(bytes, (0, 10));
        operation.VectorCount = 1;
        Assert.That(ErrorOf(End(operation.Start(handle))), Is.EqualTo(SocketError.Shutdown));
        var received = Receive(bytes).Start(handle);
        Settle();
        other.Send([1, 2]);
        Assert.That(End(received), Is.EqualTo(2));
    }

    [Test]
    public void Accept_OfWhatDoesNotListen_EndsWithInvalidArgument()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.That(ErrorOf(End(Operation(IoKind.Accept).Start(Handle(socket, IoHandleKind.Listener)))), Is.EqualTo(SocketError.InvalidArgument));
    }

    [Test]
    public void WaitReadable_WhenTheOtherEndResets_LeavesTheErrorToTheRead()
    {
        var (handle, other) = Connected();
        var waiting = Operation(IoKind.WaitReadable);
        var waited = waiting.Start(handle);
        Settle();
        other.LingerState = new LingerOption(enable: true, 0);
        other.Dispose();
        Assert.That(End(waited), Is.Zero);
        Assert.That(End(waiting.Start(handle)), Is.Zero);
        int read = End(Receive(new byte[1]).Start(handle));
        if (LeavesResetsToReads)
            Assert.That(ErrorOf(read), Is.EqualTo(SocketError.ConnectionReset));
        else
            Assert.That(read == 0 || ErrorOf(read) == SocketError.ConnectionReset, Is.True, $"{read}");
    }

    [Test]
    public void Receive_OfDataBehindUrgentData_GetsIt()
    {
        var (handle, other) = Connected();
        var operation = Receive(new byte[10]);
        for (byte round = 0; round < 3; round++)
        {
            other.Send([1]);
            other.Send([2], SocketFlags.OutOfBand);
            other.Send([3]);
            int received = 0;
            while (received < 2)
                received += End(operation.Start(handle));
            Assert.That(received, Is.EqualTo(2));
        }
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public void Connect_ToAUnixSocketThatIsNotThere_EndsWithAnError()
    {
        var handle = Handle(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified));
        var nowhere = new UnixDomainSocketEndPoint(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
        Assert.That(ErrorOf(End(Connecting(nowhere).Start(handle))), Is.EqualTo(SocketError.AddressNotAvailable));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public void Connect_ToAUnixSocketWhoseQueueIsFull_IsRefusedOrWaits()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(0);
        using var first = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        first.Connect(listener.LocalEndPoint!);
        var handle = Handle(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified));
        var connecting = Connecting(listener.LocalEndPoint!).Start(handle);
        if (WaitsForRoomInAQueue)
        {
            Settle();
            Assert.That(connecting.IsCompleted, Is.False);
            listener.Accept().Dispose();
            Assert.That(End(connecting), Is.Zero);
        }
        else
        {
            Assert.That(ErrorOf(End(connecting)), Is.EqualTo(SocketError.ConnectionRefused));
        }

        File.Delete(path);
    }

    [TestCase(IoKind.Receive)]
    [TestCase(IoKind.Send)]
    public void AnOperation_WhoseMemoryHasGone_EndsWithFault(IoKind kind)
    {
        using var gone = new GoneMemory();
        var (handle, other) = Connected();
        other.Send([1]);
        var operation = Operation(kind);
        operation.Memory = gone.Memory;
        Assert.That(End(operation.Start(handle)), Is.EqualTo(-IoErrors.Fault));
        Assert.That(End(Receive(new byte[1]).Start(handle)), Is.EqualTo(1), "Nothing was taken, and the side is free.");
    }

    [Test]
    public void Accept_CancelledInARaceWithCallers_LosesNone()
    {
        const int Rounds = 200;
        var listener = TestSockets.Listen();
        var address = listener.LocalEndPoint!;
        var handle = Handle(listener, IoHandleKind.Listener);
        var operation = Operation(IoKind.Accept);
        for (int round = 0; round < Rounds; round++)
        {
            var accepting = operation.Start(handle);
            if (round % 2 == 0)
                operation.Cancel();
            using var caller = Dial(address);
            if (round % 2 == 1)
                operation.Cancel();
            int result = End(accepting);
            if (result == -IoErrors.Canceled)
                result = End(operation.Start(handle));
            using var accepted = new Socket(new SafeSocketHandle(result, ownsHandle: true));
            Assert.That(accepted.RemoteEndPoint, Is.EqualTo(caller.LocalEndPoint), $"Round {round}.");
        }
    }

    [Test]
    public void ReceiveVectored_CancelledInARaceWithData_LosesNoByte()
    {
        const int Rounds = 300;
        var (handle, other) = Connected();
        byte[] bytes = GC.AllocateArray<byte>(2, pinned: true);
        var operation = Operation(IoKind.ReceiveVectored);
        for (int round = 0; round < Rounds; round++)
        {
            operation.Vectors = Pieces(bytes, (0, 1), (1, 1));
            operation.VectorCount = 2;
            var received = operation.Start(handle);
            if (round % 2 == 0)
                operation.Cancel();
            other.Send([(byte)round]);
            if (round % 2 == 1)
                operation.Cancel();
            int result = End(received);
            if (result == -IoErrors.Canceled)
                result = End(operation.Start(handle));
            Assert.That((result, bytes[0]), Is.EqualTo((1, (byte)round)), $"Round {round}: a byte was lost, or came twice.");
        }
    }

    // Whoever had it has given it back.
    private sealed class GoneMemory : MemoryManager<byte>
    {
        private bool _isGone;

        public override Memory<byte> Memory
        {
            get
            {
                var memory = CreateMemory(10);
                _isGone = true;
                return memory;
            }
        }

        public override Span<byte> GetSpan() => _isGone ? throw new ObjectDisposedException(nameof(GoneMemory)) : new byte[10];

        public override MemoryHandle Pin(int elementIndex = 0) => throw new ObjectDisposedException(nameof(GoneMemory));

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
