using System.Net;
using System.Net.Sockets;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>Datagrams on the loopback interface, where none is lost as long as the buffers have room.</summary>
internal sealed class DatagramTests
{
    [Test]
    public async Task SendTo_AndReceiveFrom_TellWhoHasSent()
    {
        await using var system = new TestSystem();
        await using var first = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        await using var second = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        byte[] buffer = new byte[100];
        var receive = second.ReceiveFromAsync(buffer).AsTask();
        await Signal.Within(first.SendToAsync("abc"u8.ToArray(), (IPEndPoint)second.LocalEndPoint));
        var received = await Signal.Within(receive);
        await Signal.Within(first.SendToAsync("defg"u8.ToArray(), (IPEndPoint)second.LocalEndPoint));
        var next = await Signal.Within(second.ReceiveFromAsync(buffer));
        Assert.Multiple(() =>
        {
            Assert.That((received.Count, received.Length, received.IsTruncated), Is.EqualTo((3, 3, false)));
            Assert.That(received.RemoteEndPoint, Is.EqualTo(first.LocalEndPoint));
            Assert.That(next.RemoteEndPoint, Is.SameAs(received.RemoteEndPoint), "nothing is allocated for the same sender");
            Assert.That(buffer[..4], Is.EqualTo("defg"u8.ToArray()));
        });
    }

    [Test]
    public async Task Receive_ShorterThanTheBuffer_LeavesTheNextDatagramsReadable()
    {
        await using var system = new TestSystem();
        await using var receiver = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        for (int i = 0; i < 20; i++)
            sender.SendTo([(byte)i], receiver.LocalEndPoint);
        byte[] buffer = new byte[100];
        for (int i = 0; i < 20; i++)
        {
            var received = await Signal.Within(receiver.ReceiveFromAsync(buffer));
            Assert.That((received.Count, buffer[0]), Is.EqualTo((1, (byte)i)));
        }
    }

    [Test]
    public async Task Receive_OfMoreThanTheBufferHolds_SaysSo()
    {
        await using var system = new TestSystem();
        await using var receiver = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        await using var sender = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        await Signal.Within(sender.SendToAsync(new byte[1000], (IPEndPoint)receiver.LocalEndPoint));
        var received = await Signal.Within(receiver.ReceiveFromAsync(new byte[10]));
        Assert.That((received.Count, received.Length, received.IsTruncated), Is.EqualTo((10, 1000, true)));
    }

    [Test]
    public async Task Send_OfTheLongestDatagram_Arrives_AndALongerOneIsRefused()
    {
        await using var system = new TestSystem();
        await using var receiver = DatagramSocket.Bind(system.Actors, Wire.AnyPort, new DatagramOptions { ReceiveBufferBytes = 1 << 20 });
        await using var sender = DatagramSocket.Bind(system.Actors, Wire.AnyPort, new DatagramOptions { SendBufferBytes = 1 << 20 });
        var remote = (IPEndPoint)receiver.LocalEndPoint;
        byte[] longest = Wire.Pattern(65_507);
        await Signal.Within(sender.SendToAsync(longest, remote));
        byte[] buffer = new byte[65_527];
        var received = await Signal.Within(receiver.ReceiveFromAsync(buffer));
        var failure = (await Assert.ThrowsAsync<IOException>(() => Signal.Within(sender.SendToAsync(new byte[65_508], remote))))!;
        Assert.Multiple(() =>
        {
            Assert.That(received.Count, Is.EqualTo(65_507));
            Assert.That(buffer.AsSpan(0, 65_507).SequenceEqual(longest), Is.True);
            Assert.That(failure.Message, Is.EqualTo($"Sending from {sender.LocalEndPoint} to {remote} failed: {Wire.TextOf(SocketError.MessageSize)}"));
            Assert.That(((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.MessageSize));
        });
    }

    [Test]
    public async Task Send_OfNothing_ArrivesAsAnEmptyDatagram()
    {
        await using var system = new TestSystem();
        await using var receiver = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        await using var sender = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        await Signal.Within(sender.SendToAsync(ReadOnlyMemory<byte>.Empty, (IPEndPoint)receiver.LocalEndPoint));
        Assert.That((await Signal.Within(receiver.ReceiveFromAsync(new byte[10]))).Count, Is.Zero);
    }

    [Test]
    public async Task Connect_FixesTheOtherEnd()
    {
        await using var system = new TestSystem();
        await using var first = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        await using var second = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        Assert.That(() => first.SendAsync(new byte[1]).AsTask(), Throws.InvalidOperationException.With.Message.Contains("Call Connect first"));
        first.Connect((IPEndPoint)second.LocalEndPoint);
        await Signal.Within(first.SendAsync(new byte[] { 8 }));
        byte[] buffer = new byte[10];
        var received = await Signal.Within(second.ReceiveFromAsync(buffer));
        Assert.That((received.Count, buffer[0], first.RemoteEndPoint), Is.EqualTo((1, (byte)8, second.LocalEndPoint)));
    }

    [Test]
    public async Task DualMode_SendsToBothFamilies()
    {
        await using var system = new TestSystem();
        await using var dual = DatagramSocket.Bind(system.Actors, new IPEndPoint(IPAddress.IPv6Any, 0));
        await using var four = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        await using var six = DatagramSocket.Bind(system.Actors, new IPEndPoint(IPAddress.IPv6Loopback, 0));
        await Signal.Within(dual.SendToAsync(new byte[4], (IPEndPoint)four.LocalEndPoint));
        await Signal.Within(dual.SendToAsync(new byte[6], (IPEndPoint)six.LocalEndPoint));
        int port = ((IPEndPoint)dual.LocalEndPoint).Port;
        var atFour = await Signal.Within(four.ReceiveFromAsync(new byte[10]));
        var atSix = await Signal.Within(six.ReceiveFromAsync(new byte[10]));
        Assert.Multiple(() =>
        {
            Assert.That((atFour.Count, ((IPEndPoint)atFour.RemoteEndPoint).Port), Is.EqualTo((4, port)));
            Assert.That((atSix.Count, ((IPEndPoint)atSix.RemoteEndPoint).Port), Is.EqualTo((6, port)));
        });
    }

    [Test]
    public async Task Broadcast_IsForbiddenUnlessTheOptionSaysOtherwise()
    {
        await using var system = new TestSystem();
        await using var plain = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        await using var allowed = DatagramSocket.Bind(system.Actors, Wire.AnyPort, new DatagramOptions { Broadcast = true });
        var everybody = new IPEndPoint(IPAddress.Parse("127.255.255.255"), 9);
        Assert.Multiple(() =>
        {
            Assert.That(
                () => Signal.Within(plain.SendToAsync(new byte[1], everybody)),
                Throws.InstanceOf<IOException>().With.InnerException.Property("SocketErrorCode").EqualTo(SocketError.AccessDenied));
            Assert.That(() => Signal.Within(allowed.SendToAsync(new byte[1], everybody)), Throws.Nothing);
            Assert.That(NativeSockets.GetOption(allowed.Handle, NativeSocketOption.Broadcast), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Dispose_WhileReceiving_EndsIt_AndACancelLosesNothing()
    {
        await using var system = new TestSystem();
        var socket = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        await using var sender = DatagramSocket.Bind(system.Actors, Wire.AnyPort);
        using var cancel = new CancellationTokenSource();
        var cancelled = socket.ReceiveFromAsync(new byte[1], cancel.Token).AsTask();
        await cancel.CancelAsync();
        Assert.That(() => Signal.Within(cancelled), Throws.InstanceOf<OperationCanceledException>());
        await Signal.Within(sender.SendToAsync(new byte[1], (IPEndPoint)socket.LocalEndPoint));
        await Signal.Within(socket.ReceiveFromAsync(new byte[1]));
        var receive = socket.ReceiveFromAsync(new byte[1]).AsTask();
        Assert.That(() => socket.ReceiveFromAsync(new byte[1]).AsTask(), Throws.InvalidOperationException);
        socket.Dispose();
        Assert.That(() => Signal.Within(receive), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains("Receiving at 127.0.0.1"));
    }
}
