using System.Net.Sockets;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform.Tests;

/// <summary>More completions than the ring has room for: the kernel keeps them, and none is lost or comes twice.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class UringOverflowTests
{
    private const int Completions = 4;
    private const int Operations = 64;
    private const long ForeverNs = -1;

    private readonly List<(IoHandle Handle, Socket Other, CountingOperation Operation)> _ends = [];
    private UringRing _ring = null!;
    private UringReactor _subject = null!;

    [OneTimeSetUp]
    public void NeedARing() => UringHere.Need();

    [SetUp]
    public void Overflow()
    {
        _ring = new UringRing(Completions / 2, Completions, 0); // no flags: the kernel completes while nobody is in it
        _subject = new UringReactor(_ring);
        for (int index = 0; index < Operations; index++)
        {
            var (own, other) = TestSockets.Connect();
            var handle = new IoHandle(TestSockets.Take(own, isNonBlocking: false), IoHandleKind.Stream, closed => TestSockets.Close(closed.Value));
            _subject.Attach(handle);
            var operation = new CountingOperation { Kind = IoKind.Receive, Memory = new byte[8] };
            operation.Start(_subject, handle);
            _ends.Add((handle, other, operation));
        }

        Look(1);
        for (int index = 0; index < Operations; index++)
            _ends[index].Other.Send(BitConverter.GetBytes(index));
        Assert.That(SpinWait.SpinUntil(() => _ring.HasOverflowed, ReactorDriver.Bound), Is.True, "Nothing has overflowed.");
        Assert.That(_subject.HasEvents, Is.True);
    }

    [TearDown]
    public void Close()
    {
        foreach (var (handle, other, operation) in _ends)
        {
            if (operation.Ends < operation.Begun)
                _subject.Cancel(operation, operation.Use);
            handle.Close();
            other.Dispose();
        }

        while (_subject.InProgress > 0)
            Look(64, ForeverNs);
        _subject.Dispose();
        _ring.Dispose();
        _ends.Clear();
    }

    [TestCase(1)]
    [TestCase(64)]
    public void Completions_ThatHaveFoundNoRoom_ComeOnceEach(int mostEvents)
    {
        while (_subject.InProgress > 0)
            Look(mostEvents, ForeverNs);
        Assert.That(_ends.Select(end => (end.Operation.Ends, end.Operation.Result)), Is.All.EqualTo((1, sizeof(int))));
        Assert.That(_ends.Select(end => BitConverter.ToInt32(end.Operation.Memory.Span)), Is.EqualTo(Enumerable.Range(0, Operations)));
        Assert.That(_ring.HasOverflowed, Is.False);
    }

    [Test]
    public void Submissions_WhileCompletionsWaitForRoom_AreNotLostEither()
    {
        int again = 0;
        while (_subject.InProgress > 0)
        {
            Look(2, ForeverNs);
            foreach (var (handle, other, operation) in _ends.Where(end => end.Operation is { Ends: 1, Begun: 1 }).ToArray())
            {
                operation.Start(_subject, handle);
                other.Send(BitConverter.GetBytes(1000 + again++));
            }
        }

        Assert.That(again, Is.EqualTo(Operations));
        Assert.That(_ends.Select(end => (end.Operation.Ends, end.Operation.Result)), Is.All.EqualTo((2, sizeof(int))));
        Assert.That(_ends.Select(end => BitConverter.ToInt32(end.Operation.Memory.Span)).Order(), Is.EqualTo(Enumerable.Range(1000, Operations)));
    }

    private void Look(int mostEvents, long timeoutNs = 0)
    {
        _ = _subject.Wait(timeoutNs, mostEvents);
        _subject.Dispatch();
    }

    private sealed class CountingOperation : IoOperation
    {
        public int Ends { get; private set; }

        public int Begun { get; private set; }

        public void Start(Reactor reactor, IoHandle handle)
        {
            Begun++;
            Assert.That(handle.TryBegin(this), Is.EqualTo(IoBegin.Begun));
            Assert.That(reactor.Submit(this), Is.False);
        }

        protected override void OnCompleted() => Ends++;

        protected override void RequestCancel(int use)
        {
        }
    }
}
