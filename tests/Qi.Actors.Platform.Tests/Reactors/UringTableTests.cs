using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform.Tests;

public sealed class UringTableTests
{
    [Test]
    public void Find_AfterTheSlotWasUsedAgain_KnowsTheNewNameOnly()
    {
        var subject = new UringTable();
        var (first, second) = (new PlainOperation(), new PlainOperation());
        ulong before = subject.Add(first);
        Assert.That(subject.Find(before), Is.SameAs(first));
        subject.Remove(before);
        Assert.That(subject.Find(before), Is.Null);
        ulong after = subject.Add(second);
        Assert.That((uint)after, Is.EqualTo((uint)before), "The slot is used again.");
        Assert.That(subject.Find(before), Is.Null);
        Assert.That(subject.Find(after), Is.SameAs(second));
        Assert.That(subject.Count, Is.EqualTo(1));
    }

    [Test]
    public void Find_OfNamesThatWereNeverGiven_FindsNothing()
    {
        var subject = new UringTable();
        Assert.That(subject.Find(0), Is.Null);
        Assert.That(subject.Find(ulong.MaxValue), Is.Null);
    }

    [Test]
    public unsafe void Scratch_WhenTheTableGrows_StaysWhereItIs()
    {
        const int Count = 1000;
        var subject = new UringTable();
        var operation = new PlainOperation();
        ulong[] tags = new ulong[Count];
        nint[] places = new nint[Count];
        for (int index = 0; index < Count; index++)
        {
            tags[index] = subject.Add(operation);
            places[index] = (nint)subject.ScratchOf(tags[index]);
            subject.StateOf(tags[index]) = UringState.Polling;
        }

        Assert.That(tags.Select(tag => (nint)subject.ScratchOf(tag)), Is.EqualTo(places));
        Assert.That(places, Is.Unique);
        subject.Remove(tags[7]);
        Assert.That(subject.StateOf(subject.Add(operation)), Is.EqualTo(UringState.None));
    }
}
