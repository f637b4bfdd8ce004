using System.Net.Sockets;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform.Tests;

/// <summary>Receives into buffers that the kernel takes by itself.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class UringProvidedTests
{
    private const long ForeverNs = -1;

    private readonly List<(IoHandle Handle, Socket Other)> _ends = [];
    private CountedBuffers _buffers = null!;
    private UringReactor _subject = null!;

    [OneTimeSetUp]
    public void NeedBuffers()
    {
        UringHere.Need();
        using var ring = new UringRing(8, 16, 0);
        using var group = UringBufferGroup.TryMake(ring, new CountedBuffers());
        if (group is null)
            Assert.Ignore("The kernel takes no buffers by itself: that came with Linux 5.19.");
    }

    [SetUp]
    public void Start()
    {
        _buffers = new CountedBuffers();
        _subject = new UringReactor();
    }

    [TearDown]
    public void Stop()
    {
        foreach (var (handle, other) in _ends)
        {
            handle.Close();
            other.Dispose();
        }

        _ends.Clear();
        DispatchUntil(() => _subject.InProgress == 0);
        _subject.Dispose();
        Assert.That(_buffers.Out, Is.Zero, "A buffer was not given back.");
    }

    [Test]
    public void Receives_ThatWait_HoldNoBufferOfTheirOwn()
    {
        const int Count = 100;
        var receives = Receives(Count);
        Look();
        Look();
        Assert.That(_buffers.Out, Is.EqualTo(UringBufferGroup.WantedAtFirst).And.LessThan(Count));
        _ends[70].Other.Send([1, 2, 3]);
        DispatchUntil(() => receives[70].HasEnded);
        Assert.That(receives[70].Result, Is.EqualTo(3));
        Assert.That(Take(receives[70]), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(receives.Count(receive => receive.HasEnded), Is.EqualTo(1));
        CancelAll(receives);
    }

    [Test]
    public void Receives_WithoutABufferLeft_SayThatAndLoseNoByte()
    {
        _buffers.Most = 1;
        var receives = Receives(2);
        Look();
        foreach (var (_, other) in _ends)
            other.Send([7, 8]);
        DispatchUntil(() => receives.All(receive => receive.HasEnded));
        Assert.That(receives.Select(receive => receive.Result).Order(), Is.EqualTo(new[] { 2, IoOperation.NoBuffer }));
        int without = receives[0].Result == 2 ? 1 : 0;
        Assert.That(receives[without].Received, Is.Null);

        // The bytes are still there for one who has memory.
        var plain = new PlainOperation { Kind = IoKind.Receive, Memory = new byte[8] };
        plain.Start(_subject, _ends[without].Handle);
        DispatchUntil(() => plain.HasEnded);
        Assert.That(plain.Memory[..plain.Result].ToArray(), Is.EqualTo(new byte[] { 7, 8 }));

        // What comes back is taken again.
        Assert.That(Take(receives[1 - without]), Is.EqualTo(new byte[] { 7, 8 }));
        Start(receives[without], without);
        Look();
        _ends[without].Other.Send([9]);
        DispatchUntil(() => receives[without].HasEnded);
        Assert.That(Take(receives[without]), Is.EqualTo(new byte[] { 9 }));
    }

    [Test]
    public void Receives_MoreAtOnceThanThereAreBuffers_AreGivenMoreBuffers()
    {
        const int Count = UringBufferGroup.WantedAtFirst * 2;
        var receives = Receives(Count);
        Look();
        foreach (var (_, other) in _ends)
            other.Send([1]);
        DispatchUntil(() => receives.All(receive => receive.HasEnded));
        int missed = receives.Count(receive => receive.Result == IoOperation.NoBuffer);
        Assert.That(missed, Is.Positive);
        foreach (var receive in receives.Where(receive => receive.Result == 1))
            Take(receive);
        Look();
        Assert.That(_buffers.Out, Is.EqualTo(Count));
    }

    [Test]
    public void Receives_ThatReadNothing_KeepNoBuffer()
    {
        _buffers.Most = 1;
        var receives = Receives(2);
        Look();
        _ends[0].Other.Shutdown(SocketShutdown.Send);
        DispatchUntil(() => receives[0].HasEnded);
        Assert.That((receives[0].Result, receives[0].Received), Is.EqualTo((0, (object?)null)));
        _subject.Cancel(receives[1], receives[1].Use);
        DispatchUntil(() => receives[1].HasEnded);
        Assert.That((receives[1].Result, receives[1].Received), Is.EqualTo((-IoErrors.Canceled, (object?)null)));

        // The only buffer has not gone astray.
        Start(receives[1], 1);
        _ends[1].Other.Send([5]);
        DispatchUntil(() => receives[1].HasEnded);
        Assert.That(Take(receives[1]), Is.EqualTo(new byte[] { 5 }));
    }

    [Test]
    public void Receives_MoreThanTheRingHasPlaces_GetEachByteOnceAndInOrder()
    {
        const int Length = 70_000 * CountedBuffers.Bytes; // the ring's tail has 16 bits
        byte[] sent = TestSockets.Pattern(Length, 3);
        var receive = Receives(1)[0];
        var sender = new Thread(() => _ends[0].Other.Send(sent)) { IsBackground = true };
        sender.Start();
        int matched = 0;
        while (matched < Length)
        {
            DispatchUntil(() => receive.HasEnded);
            if (receive.Result != IoOperation.NoBuffer)
            {
                byte[] piece = Take(receive);
                Assert.That(sent.AsSpan(matched, piece.Length).SequenceEqual(piece), Is.True, $"At {matched}.");
                matched += piece.Length;
            }

            Start(receive, 0);
        }

        Assert.That(sender.Join(ReactorDriver.Bound), Is.True);
        CancelAll([receive]);
    }

    [Test]
    public void Receives_OfAReactorThatAnotherThreadTookOver_GetTheirBytes()
    {
        var receives = Receives(3);
        Look();
        foreach (var (_, other) in _ends)
            other.Send([4]);
        Exception? failure = null;
        var successor = new Thread(() =>
        {
            try
            {
                _subject.Succeed();
                DispatchUntil(() => receives.All(receive => receive.HasEnded));
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        successor.Start();
        Assert.That(successor.Join(ReactorDriver.Bound), Is.True);
        Assert.That(failure, Is.Null);
        _subject.Succeed();
        foreach (var receive in receives)
            Assert.That(Take(receive), Is.EqualTo(new byte[] { 4 }));
    }

    [Test]
    public void Receive_OnADescriptorThatDoesNotBlock_WaitsAllTheSame()
    {
        var receive = Receives(1, isNonBlocking: true)[0];
        Look();
        _ends[0].Other.Send([1, 2]);
        DispatchUntil(() => receive.HasEnded);
        Assert.That(Take(receive), Is.EqualTo(new byte[] { 1, 2 }));
    }

    private PlainOperation[] Receives(int count, bool isNonBlocking = false)
    {
        var receives = new PlainOperation[count];
        for (int index = 0; index < count; index++)
        {
            var (own, other) = TestSockets.Connect();
            var handle = new IoHandle(TestSockets.Take(own, isNonBlocking), IoHandleKind.Stream, closed => TestSockets.Close(closed.Value));
            _subject.Attach(handle);
            _ends.Add((handle, other));
            receives[index] = new PlainOperation { Kind = IoKind.ReceiveProvided, Buffers = _buffers };
            Start(receives[index], index);
        }

        return receives;
    }

    private void Start(PlainOperation receive, int end) => receive.Start(_subject, _ends[end].Handle);

    private static byte[] Take(PlainOperation receive)
    {
        using var buffer = receive.Received;
        receive.Received = null;
        Assert.That(buffer, Is.Not.Null);
        return buffer.Memory[..receive.Result].ToArray();
    }

    private void CancelAll(IEnumerable<PlainOperation> receives)
    {
        foreach (var receive in receives.Where(receive => !receive.HasEnded))
            _subject.Cancel(receive, receive.Use);
        DispatchUntil(() => _subject.InProgress == 0);
    }

    private void Look()
    {
        _ = _subject.Wait(0, 64);
        _subject.Dispatch();
    }

    private void DispatchUntil(Func<bool> isOver)
    {
        while (!isOver())
        {
            _ = _subject.Wait(ForeverNs, 64);
            _subject.Dispatch();
        }
    }
}
