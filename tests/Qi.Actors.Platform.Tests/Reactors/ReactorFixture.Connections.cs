using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.Platform.Tests;

public abstract partial class ReactorFixture<T>
{
    [Test]
    public void Accept_OfConnectionsThatWaitOrComeLater_GetsTheirDescriptors()
    {
        var listener = TestSockets.Listen();
        var address = listener.LocalEndPoint!;
        var handle = Handle(listener, IoHandleKind.Listener);
        var operation = Operation(IoKind.Accept);
        using var early = Dial(address);
        using var accepted = new Socket(new SafeSocketHandle(End(operation.Start(handle)), ownsHandle: true)) { Blocking = true };
        var accepting = operation.Start(handle);
        Settle();
        Assert.That(accepting.IsCompleted, Is.False);
        using var late = Dial(address);
        var own = Handle(End(accepting), IoHandleKind.Stream);
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(early.LocalEndPoint));
        early.Send([1]);
        Assert.That(TestSockets.ReceiveAll(accepted, 1), Is.EqualTo(new byte[] { 1 }));
        late.Send([2]);
        byte[] buffer = new byte[3];
        Assert.That(End(Receive(buffer).Start(own)), Is.EqualTo(1));
        Assert.That(buffer[0], Is.EqualTo(2));
    }

    [Test]
    public void Accept_WithRoomForAnAddress_TellsTheCallers()
    {
        var listener = TestSockets.Listen();
        var address = listener.LocalEndPoint!;
        var handle = Handle(listener, IoHandleKind.Listener);
        var operation = Operation(IoKind.Accept);
        operation.Address = GC.AllocateArray<byte>(128, pinned: true);
        for (int round = 0; round < 3; round++)
        {
            var accepting = operation.Start(handle);
            Settle();
            using var caller = Dial(address);
            using var accepted = new Socket(new SafeSocketHandle(End(accepting), ownsHandle: true));
            byte[] expected = TestSockets.AddressOf(caller.LocalEndPoint!);
            Assert.That(operation.Address[..operation.AddressLength], Is.EqualTo(expected));
        }
    }

    [Test]
    public void Accept_OfManyConnectionsAtOnce_GetsThemAll()
    {
        const int Count = 100;
        var listener = TestSockets.Listen();
        var address = listener.LocalEndPoint!;
        var handle = Handle(listener, IoHandleKind.Listener);
        List<Socket> callers = [];
        for (int index = 0; index < Count; index++)
            callers.Add(Dial(address));
        var operation = Operation(IoKind.Accept);
        HashSet<EndPoint> seen = [];
        for (int index = 0; index < Count; index++)
        {
            using var accepted = new Socket(new SafeSocketHandle(End(operation.Start(handle)), ownsHandle: true));
            seen.Add(accepted.RemoteEndPoint!);
        }

        Assert.That(seen, Is.EquivalentTo(callers.Select(caller => caller.LocalEndPoint)));
        callers.ForEach(caller => caller.Dispose());
    }

    [Test]
    public void Connect_ToAListener_EndsWithZero()
    {
        using var listener = TestSockets.Listen();
        var handle = Handle(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        Assert.That(End(Connecting(listener.LocalEndPoint!).Start(handle)), Is.Zero);
        using var accepted = listener.Accept();
        Assert.That(End(Send([3]).Start(handle)), Is.EqualTo(1));
        Assert.That(TestSockets.ReceiveAll(accepted, 1), Is.EqualTo(new byte[] { 3 }));
        accepted.Send([4]);
        Assert.That(End(Receive(new byte[1]).Start(handle)), Is.EqualTo(1));
    }

    [Test]
    public void Connect_WhereNobodyListens_EndsWithConnectionRefused()
    {
        EndPoint address;
        using (var listener = TestSockets.Listen())
            address = listener.LocalEndPoint!;
        var handle = Handle(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        Assert.That(ErrorOf(End(Connecting(address).Start(handle))), Is.EqualTo(SocketError.ConnectionRefused));
    }

    [Test]
    public void Handles_ByTheHundreds_EachGetItsOwnData()
    {
        const int Count = 300;
        var ends = Enumerable.Range(0, Count).Select(_ => Connected()).ToArray();
        var buffers = ends.Select(_ => new byte[8]).ToArray();
        var operations = buffers.Select(Receive).ToArray();
        for (byte round = 0; round < 5; round++)
        {
            var received = ends.Select((end, index) => operations[index].Start(end.Handle)).ToArray();
            for (int index = Count - 1; index >= 0; index--)
                ends[index].Other.Send(BitConverter.GetBytes((index * 10) + round));
            for (int index = 0; index < Count; index++)
            {
                Assert.That(End(received[index]), Is.EqualTo(sizeof(int)));
                Assert.That(BitConverter.ToInt32(buffers[index]), Is.EqualTo((index * 10) + round));
            }
        }
    }

    [Test]
    public void Handles_WhoseNumbersComeAgain_GetNothingOfThoseBefore()
    {
        byte[] buffer = new byte[8];
        HashSet<nint> numbers = [];
        const int Rounds = 300;
        for (int round = 0; round < Rounds; round++)
        {
            using var closed = new ManualResetEventSlim();
            var (handle, other) = Connected(closed.Set);
            numbers.Add(handle.Value);
            var received = Receive(buffer).Start(handle);
            if (round % 2 == 0)
                other.Send(BitConverter.GetBytes(round));
            if (round % 3 == 0)
                handle.Close();
            if (round % 2 == 1)
                other.Send(BitConverter.GetBytes(round));
            int result = End(received);
            if (result >= 0)
                Assert.That(BitConverter.ToInt32(buffer), Is.EqualTo(round));
            else
                Assert.That(result, Is.EqualTo(-IoErrors.Canceled));
            handle.Close();
            Assert.That(closed.Wait(s_bound), Is.True);
            other.Dispose();
        }

        Assert.That(numbers, Has.Count.LessThan(Rounds), "No number came again, so this test shows nothing.");
    }

    [Test]
    [Platform("Linux")]
    public void Connections_OpenedAndClosedByTheThousand_LeaveNoDescriptor()
    {
        Exchange(20);
        var before = OpenDescriptors();
        Exchange(1000);
        var after = OpenDescriptors();
        Assert.That(after, Has.Count.EqualTo(before.Count), $"Left open: {string.Join(", ", after.Except(before, StringComparer.Ordinal))}.");
    }

    private void Exchange(int connections)
    {
        byte[] buffer = new byte[8];
        for (int round = 0; round < connections; round++)
        {
            using var closed = new ManualResetEventSlim();
            var (handle, other) = Connected(closed.Set);
            other.Send([1, 2]);
            Assert.That(End(Receive(buffer).Start(handle)), Is.EqualTo(2));
            Assert.That(End(Send([1]).Start(handle)), Is.EqualTo(1));
            handle.Close();
            Assert.That(closed.Wait(s_bound), Is.True);
            other.Dispose();
        }
    }

    // As "number -> what it is", without what the framework loads when it is first used.
    private static List<string> OpenDescriptors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(static link => $"{link} -> {new FileInfo(link).LinkTarget}").Where(static line => !line.EndsWith(".dll", StringComparison.Ordinal))];
    }

    private TestOperation Connecting(EndPoint address)
    {
        var operation = Operation(IoKind.Connect);
        operation.Address = TestSockets.AddressOf(address);
        operation.AddressLength = operation.Address.Length;
        return operation;
    }

    private static Socket Dial(EndPoint address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(address);
        return socket;
    }
}
