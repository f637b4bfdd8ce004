using System.Net.Sockets;
using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

namespace Qi.Actors.Platform.Tests;

public abstract partial class ReactorFixture<T>
{
    [Test]
    public void Receive_OfDataThatIsThere_GetsIt()
    {
        var (handle, other) = Connected();
        other.Send([1, 2, 3]);
        byte[] buffer = new byte[10];
        Assert.That(End(Receive(buffer).Start(handle)), Is.EqualTo(3));
        Assert.That(buffer[..3], Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void Receive_OfDataThatComesLater_GetsIt()
    {
        var (handle, other) = Connected();
        byte[] buffer = new byte[10];
        var operation = Receive(buffer);
        for (byte round = 0; round < 10; round++)
        {
            var received = operation.Start(handle);
            Settle();
            Assert.That(received.IsCompleted, Is.False);
            other.Send([round, 7]);
            Assert.That(End(received), Is.EqualTo(2));
            Assert.That(buffer[..2], Is.EqualTo(new byte[] { round, 7 }));
        }

        Assert.That(operation.Ends, Is.EqualTo(10));
    }

    [Test]
    public void Receive_OfMoreThanTheBufferHolds_GetsTheRestNext()
    {
        var (handle, other) = Connected();
        other.Send([1, 2, 3, 4, 5]);
        byte[] buffer = new byte[2];
        var operation = Receive(buffer);
        List<byte> all = [];
        while (all.Count < 5)
            all.AddRange(buffer[..End(operation.Start(handle))]);
        Assert.That(all, Is.EqualTo(new byte[] { 1, 2, 3, 4, 5 }));
    }

    [Test]
    public void Receive_AfterTheOtherEndHasShutDown_GetsZeroAndCanStillSend()
    {
        var (handle, other) = Connected();
        var received = Receive(new byte[10]).Start(handle);
        Settle();
        other.Shutdown(SocketShutdown.Send);
        Assert.That(End(received), Is.Zero);
        Assert.That(End(Receive(new byte[10]).Start(handle)), Is.Zero);
        Assert.That(End(Send([4, 5]).Start(handle)), Is.EqualTo(2));
        Assert.That(TestSockets.ReceiveAll(other, 2), Is.EqualTo(new byte[] { 4, 5 }));
    }

    [Test]
    public void Receive_WhenTheOtherEndResets_EndsWithConnectionReset()
    {
        var (handle, other) = Connected();
        var received = Receive(new byte[10]).Start(handle);
        Settle();
        other.LingerState = new LingerOption(enable: true, 0);
        other.Dispose();
        Assert.That(ErrorOf(End(received)), Is.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public void Send_AfterTheOtherEndHasReset_EndsWithAnError()
    {
        var (handle, other) = Connected();
        other.LingerState = new LingerOption(enable: true, 0);
        other.Dispose();
        var operation = Send([1]);
        int result;
        do
        {
            result = End(operation.Start(handle));
        }
        while (result > 0);
        Assert.That(ErrorOf(result), Is.EqualTo(SocketError.ConnectionReset).Or.EqualTo(SocketError.Shutdown).Or.EqualTo(SocketError.ConnectionAborted));
        Assert.That(ErrorOf(End(operation.Start(handle))), Is.EqualTo(SocketError.Shutdown).Or.EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    public void Send_OfTenMegabytes_SendsAllOfThem()
    {
        byte[] sent = TestSockets.Pattern(10 << 20, 1);
        var (handle, other) = Connected();
        var operation = Send(sent);
        for (int round = 0; round < 2; round++)
        {
            var sending = operation.Start(handle);
            Settle();
            Assert.That(sending.IsCompleted, Is.False);
            Assert.That(TestSockets.ReceiveAll(other, sent.Length).AsSpan().SequenceEqual(sent), Is.True);
            Assert.That(End(sending), Is.EqualTo(sent.Length));
        }
    }

    [Test]
    public void Send_OfNothing_EndsWithZero() => Assert.That(End(Send([]).Start(Connected().Handle)), Is.Zero);

    [Test]
    public void Send_WhileAReceiveWaits_DoesNotDisturbIt()
    {
        var (handle, other) = Connected();
        byte[] buffer = new byte[4];
        var received = Receive(buffer).Start(handle);
        for (byte round = 0; round < 20; round++)
        {
            Assert.That(End(Send([round]).Start(handle)), Is.EqualTo(1));
            Assert.That(TestSockets.ReceiveAll(other, 1)[0], Is.EqualTo(round));
        }

        Assert.That(received.IsCompleted, Is.False);
        other.Send([9]);
        Assert.That(End(received), Is.EqualTo(1));
    }

    [Test]
    public void ReceiveVectored_FillsThePiecesInTurn()
    {
        var (handle, other) = Connected();
        byte[] bytes = GC.AllocateArray<byte>(20, pinned: true);
        var operation = Operation(IoKind.ReceiveVectored);
        operation.Vectors = Pieces(bytes, (0, 2), (10, 3), (5, 1));
        operation.VectorCount = 3;
        for (byte round = 1; round <= 3; round++)
        {
            var received = operation.Start(handle);
            Settle();
            other.Send([round, 2, 3, 4, 5]);
            Assert.That(End(received), Is.EqualTo(5));
            Assert.That(bytes, Is.EqualTo(new byte[] { round, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0 }));
        }
    }

    [Test]
    public void SendVectored_OfLargePieces_SendsAllOfThemAgainAndAgain()
    {
        byte[] sent = TestSockets.Pattern(5 << 20, 2);
        var (handle, other) = Connected();
        var operation = Operation(IoKind.SendVectored);
        for (int round = 0; round < 2; round++)
        {
            operation.Vectors = Pieces(sent, (0, 3), (3, 0), (3, 2 << 20), ((2 << 20) + 3, (3 << 20) - 3));
            operation.VectorCount = 4;
            var sending = operation.Start(handle);
            Assert.That(TestSockets.ReceiveAll(other, sent.Length).AsSpan().SequenceEqual(sent), Is.True);
            Assert.That(End(sending), Is.EqualTo(sent.Length));
        }
    }

    [Test]
    public void Vectored_OfNoPieceAfterSome_LeavesThoseAlone()
    {
        byte[] earlier = TestSockets.Pattern(2 << 20, 4);
        byte[] copy = [.. earlier];
        var (handle, other) = Connected();
        var operation = Operation(IoKind.SendVectored);
        operation.Vectors = Pieces(earlier, (0, earlier.Length));
        operation.VectorCount = 1;
        var sending = operation.Start(handle);
        Assert.That(TestSockets.ReceiveAll(other, earlier.Length), Is.EqualTo(copy));
        Assert.That(End(sending), Is.EqualTo(earlier.Length));

        operation.Vectors = Pieces(earlier, (0, earlier.Length));
        operation.VectorCount = 0;
        Assert.That(End(operation.Start(handle)), Is.Zero);
        Assert.That(End(Send([9]).Start(handle)), Is.EqualTo(1));
        Assert.That(TestSockets.ReceiveAll(other, 1)[0], Is.EqualTo(9));

        other.Send([7, 7]);
        operation.Kind = IoKind.ReceiveVectored;
        Assert.That(End(operation.Start(handle)), Is.Zero);
        Assert.That(earlier, Is.EqualTo(copy));
        Assert.That(End(Receive(new byte[5]).Start(handle)), Is.EqualTo(2));
    }

    [Test]
    public void SendVectored_OfMorePiecesThanTheSystemTakesAtOnce_SendsAllOfThem()
    {
        byte[] sent = TestSockets.Pattern(3000, 3);
        var (handle, other) = Connected();
        var operation = Operation(IoKind.SendVectored);
        operation.Vectors = Pieces(sent, [.. Enumerable.Range(0, sent.Length).Select(index => (index, 1))]);
        operation.VectorCount = sent.Length;
        Assert.That(End(operation.Start(handle)), Is.EqualTo(sent.Length));
        Assert.That(TestSockets.ReceiveAll(other, sent.Length), Is.EqualTo(sent));
    }

    [Test]
    public void WaitReadable_WhenDataComes_EndsWithZeroAndLeavesTheData()
    {
        var (handle, other) = Connected();
        var operation = Operation(IoKind.WaitReadable);
        var waiting = operation.Start(handle);
        Settle();
        Assert.That(waiting.IsCompleted, Is.False);
        other.Send([1, 2]);
        Assert.That(End(waiting), Is.Zero);
        Assert.That(End(operation.Start(handle)), Is.Zero);
        Assert.That(End(Receive(new byte[5]).Start(handle)), Is.EqualTo(2));
        waiting = operation.Start(handle);
        Settle();
        Assert.That(waiting.IsCompleted, Is.False);
        other.Shutdown(SocketShutdown.Send);
        Assert.That(End(waiting), Is.Zero);
    }

    [Test]
    public void TryBegin_WhileTheSideIsUsed_IsBusy()
    {
        var (handle, other) = Connected();
        var received = Receive(new byte[1]).Start(handle);
        Settle();
        Assert.That(handle.TryBegin(Operation(IoKind.WaitReadable)), Is.EqualTo(IoBegin.Busy));
        other.Send([1]);
        Assert.That(End(received), Is.EqualTo(1));
    }

    [Test]
    public void Receive_OfAPipe_GetsWhatIsSent()
    {
        if (!ServesPipes)
            Assert.Ignore("This reactor serves sockets only.");
        var (descriptor, writer) = TestSockets.Pipe(HasNonBlockingDescriptors);
        _opened.Add(writer);
        var handle = Handle(descriptor, IoHandleKind.Pipe);
        byte[] buffer = GC.AllocateArray<byte>(10, pinned: true);
        var received = Receive(buffer).Start(handle);
        Settle();
        writer.Write([1, 2, 3]);
        Assert.That(End(received), Is.EqualTo(3));
        var vectored = Operation(IoKind.ReceiveVectored);
        vectored.Vectors = Pieces(buffer, (5, 1), (7, 2));
        vectored.VectorCount = 2;
        received = vectored.Start(handle);
        Settle();
        writer.Write([4, 5, 6]);
        Assert.That(End(received), Is.EqualTo(3));
        Assert.That(buffer, Is.EqualTo(new byte[] { 1, 2, 3, 0, 0, 4, 0, 5, 6, 0 }));
        writer.Dispose();
        Assert.That(End(Receive(buffer).Start(handle)), Is.Zero);
    }

    // The read of the first is short, and no event is to come for the second.
    [Test]
    [Platform("Linux")]
    public void Receive_OfAPipeOfPackets_GetsOneAfterTheOther()
    {
        if (!ServesPipes || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Assert.Ignore("This reactor serves sockets only, or the flag has another number here.");
        var (reading, writing) = TestSockets.PacketPipe(HasNonBlockingDescriptors);
        using var writer = new FileStream(new SafeFileHandle(writing, ownsHandle: true), FileAccess.Write, bufferSize: 0);
        writer.Write([1]);
        writer.Write([2]);
        var handle = Handle(reading, IoHandleKind.Pipe);
        Settle();
        byte[] buffer = new byte[10];
        for (int packet = 1; packet <= 2; packet++)
        {
            Assert.That(End(Receive(buffer).Start(handle)), Is.EqualTo(1));
            Assert.That(buffer[0], Is.EqualTo(packet));
        }
    }

    private static IoVector[] Pieces(byte[] pinned, params (int Start, int Length)[] pieces)
    {
        var vectors = GC.AllocateArray<IoVector>(pieces.Length, pinned: true);
        for (int index = 0; index < pieces.Length; index++)
        {
            vectors[index].Start = Marshal.UnsafeAddrOfPinnedArrayElement(pinned, pieces[index].Start);
            vectors[index].Length = pieces[index].Length;
        }

        return vectors;
    }
}
