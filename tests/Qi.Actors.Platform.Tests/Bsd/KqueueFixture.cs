using System.Runtime.Versioning;

using Qi.Actors.Platform.Bsd;
using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Tests;

[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class KqueueReactorAsksMacOsTests : KqueueFixture
{
    private protected override KqueueScript Script => ScriptedKqueue<MacOsKqueue>.Script;

    private protected override int EventSize => 32;

    private protected override short UserFilter => -10;

    protected override Reactor Create() => new KqueueReactor<ScriptedKqueue<MacOsKqueue>>();

    protected override void Try() => KqueueReactor<ScriptedKqueue<MacOsKqueue>>.Try();
}

[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class KqueueReactorAsksFreeBsdTests : KqueueFixture
{
    private protected override KqueueScript Script => ScriptedKqueue<FreeBsdKqueue>.Script;

    private protected override int EventSize => 64;

    private protected override short UserFilter => -11;

    protected override Reactor Create() => new KqueueReactor<ScriptedKqueue<FreeBsdKqueue>>();

    protected override void Try() => KqueueReactor<ScriptedKqueue<FreeBsdKqueue>>.Try();
}

/// <summary>What a reactor of kqueue asks its kernel, byte by byte, and what it makes of the answers. Numbers are those of sys/event.h.</summary>
[SupportedOSPlatform("linux")]
public abstract class KqueueFixture
{
    private const int Any = 64;
    private const ushort AddClearReceipt = 0x61;
    private const int NoMemory = 12;
    private const int BrokenPipe = 32;

    private protected abstract KqueueScript Script { get; }

    private protected abstract int EventSize { get; }

    private protected abstract short UserFilter { get; }

    /// <summary>Makes a reactor over the script of this thread.</summary>
    protected abstract Reactor Create();

    /// <summary>Finds out whether it works.</summary>
    protected abstract void Try();

    [SetUp]
    public void Forget()
    {
        Script.Changes.Clear();
        Script.TimeoutsNs.Clear();
        Script.Events.Clear();
        Script.Refusals.Clear();
        Script.CreateError = Script.CallError = 0;
    }

    [Test]
    public void Create_RegistersAUsersEvent_AndWakeTriggersIt()
    {
        using var subject = Create();
        Assert.That(Script.Changes, Has.Count.EqualTo(1));
        AssertChange(Script.Changes[0], 0, UserFilter, AddClearReceipt, 0, 0);
        subject.Wake();
        Assert.That(Script.Changes, Has.Count.EqualTo(2));
        AssertChange(Script.Changes[1], 0, UserFilter, 0, 0x0100_0000, 0);
    }

    [Test]
    public void Create_WhenTheKernelRefuses_SaysSo()
    {
        Script.CreateError = IoErrors.TooManyOpen;
        var refused = Assert.Throws<PlatformException>(() => Create());
        Assert.That((refused.Operation, refused.Error), Is.EqualTo(("kqueue", IoErrors.TooManyOpen)));
        Assert.That(refused.Remedy, Does.Contain("ulimit -n"));
    }

    [Test]
    public void Try_WhenTheWakeIsToldOrNot_PassesOrSaysWhatToDo()
    {
        var refused = Assert.Throws<PlatformException>(Try);
        Assert.That(refused.Remedy, Does.Contain("ReactorChoice.Portable"));
        Script.Events.Enqueue(new KqueueEvent { Filter = -1 });
        Assert.Throws<PlatformException>(Try);
        Script.Events.Enqueue(new KqueueEvent { Filter = UserFilter });
        Assert.DoesNotThrow(Try);
    }

    [TestCase(false)]
    [TestCase(true)]
    public unsafe void Create_WhenTheUsersEventIsRefused_ClosesTheQueueAndSaysSo(bool byTheCall)
    {
        if (byTheCall)
            Script.CallError = NoMemory;
        else
            Script.Refusals[UserFilter] = NoMemory;
        var refused = Assert.Throws<PlatformException>(() => Create());
        Assert.That((refused.Operation, refused.Error), Is.EqualTo(("kevent", NoMemory)));
        UnixCalls.PollEntry entry = new() { Descriptor = Script.Descriptor, Wanted = UnixCalls.PollEntry.In };
        Assert.That((UnixCalls.PollNow(&entry, 1, 0), entry.Found), Is.EqualTo((1, (short)0x20)), "POLLNVAL: it is closed.");
    }

    [Test]
    public void Attach_RegistersBothSidesInOneCallAndWithOneNumber()
    {
        using var subject = Create();
        Script.Changes.Clear();
        using var first = Handle(5);
        using var second = Handle(0x1234_5678);
        subject.Attach(first);
        subject.Attach(second);
        Assert.That(Script.Changes, Has.Count.EqualTo(4));
        AssertChange(Script.Changes[0], 5, -1, AddClearReceipt, 0, 1L << 32);
        AssertChange(Script.Changes[1], 5, -2, AddClearReceipt, 0, 1L << 32);
        AssertChange(Script.Changes[2], 0x1234_5678, -1, AddClearReceipt, 0, (1L << 32) | 1);
        AssertChange(Script.Changes[3], 0x1234_5678, -2, AddClearReceipt, 0, (1L << 32) | 1);
    }

    [TestCase((short)-1)]
    [TestCase((short)-2)]
    public void Attach_WhenASideIsRefused_SaysWhyAndKeepsNothing(short filter)
    {
        using var subject = Create();
        using var handle = Handle(5);
        Script.Refusals[filter] = NoMemory;
        var refused = Assert.Throws<PlatformException>(() => subject.Attach(handle));
        Assert.That((refused.Operation, refused.Error), Is.EqualTo(("kevent", NoMemory)));
        Assert.That(refused.Message, Does.Contain("Descriptor 5 (Stream)"));
        Script.Refusals.Clear();
        Script.Changes.Clear();
        subject.Attach(handle);
        AssertChange(Script.Changes[0], 5, -1, AddClearReceipt, 0, 3L << 32); // the slot again, and another generation
    }

    [Test]
    public void Attach_OfAPipe_NeedsOneSideOnly()
    {
        using var subject = Create();
        using var handle = Handle(5, IoHandleKind.Pipe);
        Script.Refusals[-2] = BrokenPipe;
        Assert.DoesNotThrow(() => subject.Attach(handle));
        using var other = Handle(6, IoHandleKind.Pipe);
        Script.Refusals[-1] = NoMemory;
        Assert.Throws<PlatformException>(() => subject.Attach(other));
    }

    [TestCase(-1, -1)]
    [TestCase(1, 1_000)]
    [TestCase(1_000, 1_000)]
    [TestCase(1_500_000_001, 1_500_001_000)]
    [TestCase(10_000_000_000_000_000, 10_000_000_000_000_000)]
    [TestCase(10_000_000_000_000_001, -1)]
    [TestCase(long.MaxValue, -1)]
    public void Wait_ForATime_AsksForNoLess(long timeoutNs, long askedNs)
    {
        using var subject = Create();
        Assert.That(subject.Wait(timeoutNs, Any), Is.Zero);
        Assert.That(Script.TimeoutsNs, Is.EqualTo(new[] { askedNs }));
    }

    [Test]
    public void Wait_ThatASignalEnds_FindsNothing()
    {
        using var subject = Create();
        Script.CallError = IoErrors.Interrupted;
        Assert.That(subject.Wait(-1, Any), Is.Zero);
        subject.Dispatch();
    }

    [TestCase((short)-1, (ushort)0)]
    [TestCase((short)-1, (ushort)0x8000)]
    [TestCase((short)-2, (ushort)0)]
    [TestCase((short)-2, (ushort)0x8000)]
    public void Dispatch_OfAnEvent_TriesWhatWaitsOnThatSideAgain(short filter, ushort flags)
    {
        using var subject = Create();
        using var pair = new PipePair();
        using var handle = pair.Take(isWriting: filter == -2);
        subject.Attach(handle);
        var operation = new PlainOperation { Kind = filter == -1 ? IoKind.Receive : IoKind.Send, Memory = new byte[1 << 20] };
        operation.Start(subject, handle);
        Assert.That(operation.HasEnded, Is.False);
        pair.Release();
        Tell(subject, filter == -1 ? (short)-2 : (short)-1, flags);
        Assert.That(operation.HasEnded, Is.False, "The other side's event does not concern it.");
        Tell(subject, filter, flags);
        Assert.That(operation.HasEnded, Is.True);
        Assert.That(operation.Result, Is.EqualTo(filter == -1 ? 1 : -BrokenPipe));
    }

    [Test]
    public void Dispatch_AfterAShortRead_TriesTheNextOneBeforeItWaits()
    {
        using var subject = Create();
        using var pair = new PipePair();
        using var handle = pair.Take(isWriting: false);
        subject.Attach(handle);
        var operation = new PlainOperation { Kind = IoKind.Receive, Memory = new byte[10] };
        operation.Start(subject, handle);
        pair.Release();
        Tell(subject, -1, 0);
        Assert.That(operation.Result, Is.EqualTo(1));
        pair.Release();
        operation.Start(subject, handle); // no event has told of this byte: K2
        Assert.That((operation.HasEnded, operation.Result), Is.EqualTo((true, 1)));
    }

    [Test]
    public void Dispatch_OfAnEventWhoseHandleHasGone_FindsNobody()
    {
        using var subject = Create();
        using var pair = new PipePair();
        using var other = new PipePair();
        var gone = pair.Take(isWriting: false);
        subject.Attach(gone);
        Script.Events.Enqueue(new KqueueEvent { Identity = (nuint)gone.Value, Filter = -1, UserData = 1UL << 32 });
        Assert.That(subject.Wait(0, Any), Is.EqualTo(1));
        gone.Close();
        using var handle = other.Take(isWriting: false);
        subject.Attach(handle); // in the same slot
        var operation = new PlainOperation { Kind = IoKind.Receive, Memory = new byte[10] };
        operation.Start(subject, handle);
        other.Release();
        subject.Dispatch();
        Assert.That(operation.HasEnded, Is.False);
        subject.Cancel(operation, operation.Use);
        Assert.That(operation.HasEnded, Is.True);
    }

    private void Tell(Reactor subject, short filter, ushort flags)
    {
        Script.Events.Enqueue(new KqueueEvent { Filter = filter, Flags = (ushort)(0x60 | flags), UserData = 1UL << 32 });
        Assert.That(subject.Wait(-1, Any), Is.EqualTo(1));
        subject.Dispatch();
    }

    private void AssertChange(byte[] change, ulong identity, short filter, ushort flags, uint filterFlags, long data)
    {
        Assert.That(change, Has.Length.EqualTo(EventSize));
        byte[] expected = new byte[EventSize];
        BitConverter.TryWriteBytes(expected.AsSpan(0), identity);
        BitConverter.TryWriteBytes(expected.AsSpan(8), filter);
        BitConverter.TryWriteBytes(expected.AsSpan(10), flags);
        BitConverter.TryWriteBytes(expected.AsSpan(12), filterFlags);
        BitConverter.TryWriteBytes(expected.AsSpan(24), data);
        Assert.That(change, Is.EqualTo(expected));
    }

    private static IoHandle Handle(nint descriptor, IoHandleKind kind = IoHandleKind.Stream) => new(descriptor, kind, static _ => { });
}
