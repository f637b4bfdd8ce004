using System.Net.Sockets;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform.Tests;

/// <summary>A ring that is full, while the kernel takes nothing for want of memory.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class UringPostponingTests
{
    private const int Count = 10;
    private const long ForeverNs = -1;

    private readonly List<(IoHandle Handle, Socket Other, PlainOperation Operation)> _ends = [];
    private ReluctantRing _ring = null!;
    private UringReactor _subject = null!;

    [OneTimeSetUp]
    public void NeedARing() => UringHere.Need();

    [SetUp]
    public void SubmitMoreThanTheRingHolds()
    {
        _ring = new ReluctantRing { IsReluctant = true };
        _subject = new UringReactor(_ring);
        for (int index = 0; index < Count; index++)
        {
            var (own, other) = TestSockets.Connect();
            var handle = new IoHandle(TestSockets.Take(own, isNonBlocking: false), IoHandleKind.Stream, closed => TestSockets.Close(closed.Value));
            _subject.Attach(handle);
            var operation = new PlainOperation { Kind = IoKind.Receive, Memory = new byte[8] };
            operation.Start(_subject, handle);
            _ends.Add((handle, other, operation));
        }

        Assert.That(_ring.Unsubmitted, Is.EqualTo(ReluctantRing.Entries));
    }

    [TearDown]
    public void Close()
    {
        _ring.IsReluctant = false;
        foreach (var (handle, other, operation) in _ends)
        {
            if (!operation.HasEnded)
                _subject.Cancel(operation, operation.Use);
            handle.Close();
            other.Dispose();
        }

        DispatchUntil(() => _subject.InProgress == 0);
        _subject.Dispose();
        _ring.Dispose();
        _ends.Clear();
    }

    [Test]
    public void Wait_AfterSubmissionsThatFoundNoRoom_SubmitsThem()
    {
        for (int index = 0; index < Count; index++)
            _ends[index].Other.Send(BitConverter.GetBytes(index));
        DispatchUntil(() => _ends.TrueForAll(end => end.Operation.HasEnded));
        Assert.That(_ends.Select(end => BitConverter.ToInt32(end.Operation.Memory.Span)), Is.EqualTo(Enumerable.Range(0, Count)));
    }

    [Test]
    public void Cancel_OfWhatFoundNoRoom_EndsItAtOnceAndForAll()
    {
        var (handle, other, operation) = _ends[^1];
        _subject.Cancel(operation, operation.Use);
        Assert.That(operation.HasEnded, Is.True);
        Assert.That(operation.Result, Is.EqualTo(-IoErrors.Canceled));
        operation.Start(_subject, handle);
        other.Send([1, 2]);
        DispatchUntil(() => operation.HasEnded);
        Assert.That(operation.Result, Is.EqualTo(2));
    }

    [Test]
    public void Cancel_ThatFindsNoRoom_IsSubmittedByTheNextWait()
    {
        var operation = _ends[0].Operation;
        _subject.Cancel(operation, operation.Use);
        Assert.That(operation.HasEnded, Is.False);
        _ring.IsReluctant = false;
        DispatchUntil(() => operation.HasEnded);
        Assert.That(operation.Result, Is.EqualTo(-IoErrors.Canceled));
        Assert.That(_ends.Count(end => end.Operation.HasEnded), Is.EqualTo(1));
    }

    private void DispatchUntil(Func<bool> isOver)
    {
        while (!isOver())
        {
            _ = _subject.Wait(ForeverNs, 64);
            _subject.Dispatch();
        }
    }

    // Takes nothing before it has to wait.
    private sealed class ReluctantRing() : UringRing(Entries, 16, 0)
    {
        public const uint Entries = 2;

        public bool IsReluctant { get; set; }

        internal override bool TrySubmit() => !IsReluctant && base.TrySubmit();
    }
}
