using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.Platform.Tests;

public abstract partial class ReactorFixture<T>
{
    [Test]
    public void SendTo_AndReceiveFrom_CarryDatagramsAndTheirSenders()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var own = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        own.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var ownAddress = own.LocalEndPoint!;
        var handle = Handle(own, IoHandleKind.Datagram);

        byte[] buffer = new byte[100];
        var receiving = Operation(IoKind.ReceiveFrom);
        receiving.Memory = buffer;
        receiving.Address = GC.AllocateArray<byte>(128, pinned: true);
        for (byte round = 0; round < 3; round++)
        {
            var received = receiving.Start(handle);
            Settle();
            other.SendTo([round, 1], ownAddress);
            other.SendTo([round, 2, 3], ownAddress);
            Assert.That(End(received), Is.EqualTo(2));
            byte[] expected = TestSockets.AddressOf(other.LocalEndPoint!);
            Assert.That(receiving.AddressLength, Is.EqualTo(expected.Length));
            Assert.That(receiving.Address[..expected.Length], Is.EqualTo(expected));
            Assert.That(End(receiving.Start(handle)), Is.EqualTo(3));
            Assert.That(buffer[..3], Is.EqualTo(new byte[] { round, 2, 3 }));
        }

        var sending = Operation(IoKind.SendTo);
        sending.Memory = new byte[] { 7, 8 };
        sending.Address = TestSockets.AddressOf(other.LocalEndPoint!);
        sending.AddressLength = sending.Address.Length;
        Assert.That(End(sending.Start(handle)), Is.EqualTo(2));
        EndPoint sender = new IPEndPoint(IPAddress.Any, 0);
        Assert.That(other.ReceiveFrom(buffer, ref sender), Is.EqualTo(2));
        Assert.That(sender, Is.EqualTo(ownAddress));
    }

    [Test]
    public void ReceiveFrom_OfADatagramThatIsTooLong_TellsHowLongItWas()
    {
        if (OperatingSystem.IsWindows() && typeof(T) == typeof(PortableReactor))
            Assert.Ignore("Under wine 8.0 the framework's own sockets end the process here: the kernel's warning brings a packet that they do not wait for.");
        using var other = Datagrams();
        var (handle, ownAddress) = DatagramHandle();
        byte[] buffer = new byte[3];
        var receiving = ReceiveFrom(buffer);
        for (int round = 0; round < 2; round++)
        {
            other.SendTo([1, 2, 3, 4, 5], ownAddress);
            Assert.That(End(receiving.Start(handle)), Is.EqualTo(TellsWholeLength ? 5 : 3));
            Assert.That(buffer, Is.EqualTo(new byte[] { 1, 2, 3 }));
        }

        other.SendTo([9], ownAddress);
        Assert.That(End(receiving.Start(handle)), Is.EqualTo(1), "What did not fit is gone, and the next one is whole.");
    }

    [Test]
    public void Receive_OfADatagramThatIsTooLong_GetsWhatFits_AndAWaitBeforeItTakesNothing()
    {
        using var other = Datagrams();
        var (handle, ownAddress) = DatagramHandle();
        NativeSockets.Connect(handle, TestSockets.AddressOf(other.LocalEndPoint!));
        byte[] buffer = new byte[3];
        for (byte round = 0; round < 3; round++)
        {
            var waiting = Operation(IoKind.WaitReadable).Start(handle);
            Settle();
            Assert.That(waiting.IsCompleted, Is.False);
            other.SendTo([round, 2, 3, 4, 5], ownAddress);
            Assert.That(End(waiting), Is.Zero);
            Assert.That(End(Receive(buffer).Start(handle)), Is.EqualTo(3));
            Assert.That(buffer, Is.EqualTo(new byte[] { round, 2, 3 }));
        }
    }

    [Test]
    public void ReceiveFrom_OfTheLongestDatagram_GetsAllOfIt()
    {
        using var other = Datagrams();
        var (handle, ownAddress) = DatagramHandle();
        byte[] sent = TestSockets.Pattern(65_507, 11);
        byte[] buffer = new byte[sent.Length];
        var receiving = ReceiveFrom(buffer).Start(handle);
        other.SendTo(sent, ownAddress);
        Assert.That(End(receiving), Is.EqualTo(sent.Length));
        Assert.That(buffer, Is.EqualTo(sent));
    }

    [Test]
    public void EmptyDatagrams_AreSentAndReceived()
    {
        using var other = Datagrams();
        var (handle, ownAddress) = DatagramHandle();
        var receiving = ReceiveFrom(new byte[3]);
        var received = receiving.Start(handle);
        other.SendTo([], ownAddress);
        Assert.That(End(received), Is.Zero);
        Assert.That(receiving.AddressLength, Is.Positive);

        var sending = Operation(IoKind.SendTo);
        sending.Address = TestSockets.AddressOf(other.LocalEndPoint!);
        sending.AddressLength = sending.Address.Length;
        Assert.That(End(sending.Start(handle)), Is.Zero);
        byte[] buffer = new byte[3];
        Assert.That(other.Receive(buffer), Is.Zero);

        NativeSockets.Connect(handle, sending.Address);
        Assert.That(End(Send([]).Start(handle)), Is.Zero);
        Assert.That(End(Send([7]).Start(handle)), Is.EqualTo(1));
        Assert.That(other.Receive(buffer), Is.Zero);
        Assert.That(other.Receive(buffer), Is.EqualTo(1));
    }

    [Test]
    public void WaitReadable_OfADatagram_LeavesItWhole()
    {
        using var other = Datagrams();
        var (handle, ownAddress) = DatagramHandle();
        var waiting = Operation(IoKind.WaitReadable);
        var waited = waiting.Start(handle);
        Settle();
        Assert.That(waited.IsCompleted, Is.False);
        other.SendTo([1, 2], ownAddress);
        Assert.That(End(waited), Is.Zero);
        Assert.That(End(waiting.Start(handle)), Is.Zero);
        Assert.That(End(ReceiveFrom(new byte[5]).Start(handle)), Is.EqualTo(2));
    }

    [Test]
    public void SendTo_OfMoreThanADatagramHolds_EndsWithMessageSize()
    {
        using var other = Datagrams();
        var (handle, _) = DatagramHandle();
        var sending = Operation(IoKind.SendTo);
        sending.Memory = new byte[70_000];
        sending.Address = TestSockets.AddressOf(other.LocalEndPoint!);
        sending.AddressLength = sending.Address.Length;
        Assert.That(ErrorOf(End(sending.Start(handle))), Is.EqualTo(SocketError.MessageSize));
    }

    [Test]
    public void ReceiveFrom_CancelledInARaceWithDatagrams_LosesNone()
    {
        const int Rounds = 500;
        using var other = Datagrams();
        var (handle, ownAddress) = DatagramHandle();
        byte[] buffer = new byte[2];
        var operation = ReceiveFrom(buffer);
        for (int round = 0; round < Rounds; round++)
        {
            var received = operation.Start(handle);
            if (round % 2 == 0)
                operation.Cancel();
            other.SendTo([(byte)round], ownAddress);
            if (round % 2 == 1)
                operation.Cancel();
            int result = End(received);
            if (result == -IoErrors.Canceled)
                result = End(operation.Start(handle));
            Assert.That((result, buffer[0]), Is.EqualTo((1, (byte)round)), $"Round {round}: a datagram was lost, or came twice.");
        }
    }

    private TestOperation ReceiveFrom(byte[] buffer)
    {
        var operation = Operation(IoKind.ReceiveFrom);
        operation.Memory = buffer;
        operation.Address = GC.AllocateArray<byte>(128, pinned: true);
        return operation;
    }

    private (IoHandle Handle, EndPoint Address) DatagramHandle()
    {
        var own = Datagrams();
        var address = own.LocalEndPoint!;
        return (Handle(own, IoHandleKind.Datagram), address);
    }

    private static Socket Datagrams()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)s_bound.TotalMilliseconds };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
