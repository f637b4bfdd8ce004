using System.Runtime.Versioning;

using Qi.Actors.Platform.Windows;

namespace Qi.Actors.Platform.Tests;

[Platform("Win")]
[SupportedOSPlatform("windows")]
public sealed unsafe class CompletionTableTests
{
    private static readonly IoHandle s_nothing = new(0, IoHandleKind.Stream, static _ => { });

    [Test]
    public void Find_OfABlockThatIsNobodys_FindsNobody()
    {
        var subject = new CompletionTable();
        var operation = Begun(1);
        var slot = subject.Add(operation);
        Assert.That(subject.Find(&slot.Block->Overlapped), Is.SameAs(slot));
        subject.Remove(slot);
        Assert.That(subject.Find(&slot.Block->Overlapped), Is.Null);
        Assert.That(subject.Count, Is.Zero);
    }

    [Test]
    public void Cancel_OfAnotherUse_LeavesTheOneInProgress()
    {
        var subject = new CompletionTable();
        var operation = Begun(2);
        var slot = subject.Add(operation);
        subject.Cancel(operation, 1);
        Assert.That(subject.TryBeginAgain(slot), Is.True);
        subject.Cancel(operation, 2);
        Assert.That(subject.TryBeginAgain(slot), Is.False, "its end was asked for");
    }

    [Test]
    public void Cancel_OfAnOperationWhoseSlotIsAnothers_LeavesThatOne()
    {
        var subject = new CompletionTable();
        var (former, present) = (Begun(1), Begun(1));
        subject.Remove(subject.Add(former));
        var slot = subject.Add(present);
        Assert.That((uint)former.ReactorTag, Is.EqualTo((uint)present.ReactorTag), "The slot is used again.");
        subject.Cancel(former, 1);
        Assert.That(subject.TryBeginAgain(slot), Is.True);
    }

    [Test]
    public void Begun_OfAnAttemptThatIsOver_LeavesTheNextOneBeginning()
    {
        var subject = new CompletionTable();
        var slot = subject.Add(Begun(1));
        uint first = slot.Generation;
        Assert.That(subject.TryBeginAgain(slot), Is.True);
        subject.Begun(slot, first, 0);
        Assert.That(slot.State, Is.EqualTo(CompletionState.Beginning));
        subject.Begun(slot, slot.Generation, 0);
        Assert.That(slot.State, Is.EqualTo(CompletionState.None));
    }

    [Test]
    public void Blocks_WhenTheTableGrows_StayWhereTheyAre()
    {
        const int Count = 1000;
        var subject = new CompletionTable();
        var slots = Enumerable.Range(0, Count).Select(_ => subject.Add(Begun(1))).ToArray();
        nint[] places = [.. slots.Select(static slot => (nint)slot.Block)];
        GC.Collect();
        Assert.That(places, Is.Unique);
        Assert.That(slots.Select(slot => subject.Find(&slot.Block->Overlapped)), Is.EqualTo(slots));
    }

    private static PlainOperation Begun(int use) => new() { Handle = s_nothing, Use = use };
}
