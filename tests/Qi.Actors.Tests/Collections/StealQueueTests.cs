using System.Runtime.CompilerServices;
using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Tests.Collections;

[TestFixture(4)]
[TestFixture(64)]
public sealed partial class StealQueueTests(int capacity) : RunQueueFixture
{
    private static readonly uint s_nearWrap = unchecked(0u - 3u);

    private protected override ISubject Create(int takers) => new Subject(capacity, takers);

    [TestCase(0)]
    [TestCase(2)]
    [TestCase(12)]
    [TestCase(int.MinValue)]
    [TestCase(int.MaxValue)]
    public void Constructor_WithABadCapacity_Throws(int bad)
        => Assert.That(() => new StealQueue<string>(bad), Throws.InstanceOf<ArgumentException>());

    [Test]
    public void Head_AndTail_AreOnLinesOfTheirOwn()
    {
        var subject = new StealQueue<NumberedItem>(capacity);
        long distance = Unsafe.ByteOffset(
            ref Unsafe.As<long, byte>(ref Fields<NumberedItem>.Head(subject).Value),
            ref Unsafe.As<uint, byte>(ref Fields<NumberedItem>.Tail(subject).Value));
        Assert.That(Math.Abs(distance), Is.GreaterThanOrEqualTo(CacheLine.PaddedSize));
    }

    [Test]
    public void TryPush_WhenFull_RefusesUntilSomethingIsTaken()
    {
        StealQueue<NumberedItem> subject = Filled(capacity);
        Assert.That(subject.Room, Is.Zero);
        Assert.That(subject.TryPush(new NumberedItem(-1)), Is.False);
        Assert.That(subject.TryPop()?.Number, Is.Zero);
        Assert.That(subject.TryPush(new NumberedItem(capacity)), Is.True);
        Assert.That(Drain(subject), Is.EqualTo(Enumerable.Range(1, capacity)));
        Assert.That(subject.AreFreeSlotsCleared(), Is.True);
    }

    [TestCase(1, 1)]
    [TestCase(2, 1)]
    [TestCase(3, 2)]
    [TestCase(4, 2)]
    public void TakeHalf_OfSomeItems_TakesTheOlderHalfRoundedUp(int count, int expected)
    {
        StealQueue<NumberedItem> subject = Filled(count);
        var batch = new NumberedItem?[capacity];
        Assert.That(subject.TakeHalf(batch), Is.EqualTo(expected));
        Assert.That(batch.Take(expected).Select(item => item!.Number), Is.EqualTo(Enumerable.Range(0, expected)));
        Assert.That(batch.Skip(expected), Has.All.Null);
        Assert.That(Drain(subject), Is.EqualTo(Enumerable.Range(expected, count - expected)));
        Assert.That(subject.AreFreeSlotsCleared(), Is.True);
    }

    [Test]
    public void TakeHalf_WithASmallBatch_TakesWhatFits()
    {
        StealQueue<NumberedItem> subject = Filled(capacity);
        Assert.That(subject.TakeHalf(new NumberedItem?[1]), Is.EqualTo(1));
        Assert.That(subject.TakeHalf([]), Is.Zero);
        Assert.That(subject.Count, Is.EqualTo(capacity - 1));
    }

    [Test]
    public void StealHalf_OfNothing_IsNull()
    {
        var subject = new StealQueue<NumberedItem>(capacity);
        Assert.That(subject.StealHalfInto(new StealQueue<NumberedItem>(capacity), out int stolen), Is.Null);
        Assert.That(stolen, Is.Zero);
    }

    [TestCase(1, 1)]
    [TestCase(2, 1)]
    [TestCase(3, 2)]
    [TestCase(4, 2)]
    public void StealHalf_OfSomeItems_ReturnsTheOldestAndMovesTheRest(int count, int expected)
    {
        StealQueue<NumberedItem> subject = Filled(count);
        var destination = new StealQueue<NumberedItem>(capacity, s_nearWrap);
        NumberedItem? first = subject.StealHalfInto(destination, out int stolen);
        Assert.That(stolen, Is.EqualTo(expected));
        Assert.That(first?.Number, Is.Zero);
        Assert.That(Drain(destination), Is.EqualTo(Enumerable.Range(1, expected - 1)));
        Assert.That(Drain(subject), Is.EqualTo(Enumerable.Range(expected, count - expected)));
        Assert.That(subject.AreFreeSlotsCleared() && destination.AreFreeSlotsCleared(), Is.True);
    }

    [Test]
    public void StealHalf_IntoAFullRing_TakesOne()
    {
        StealQueue<NumberedItem> subject = Filled(capacity);
        StealQueue<NumberedItem> destination = Filled(capacity);
        Assert.That(subject.StealHalfInto(destination, out int stolen)?.Number, Is.Zero);
        Assert.That(stolen, Is.EqualTo(1));
        Assert.That(destination.Count, Is.EqualTo(capacity));
    }

    [Test]
    public void StealHalf_WhileAnotherThiefIsAtWork_IsNull()
    {
        StealQueue<NumberedItem> subject = Filled(capacity);
        Claim(subject, 1);
        Assert.That(subject.StealHalfInto(new StealQueue<NumberedItem>(capacity), out int stolen), Is.Null);
        Assert.That(stolen, Is.Zero);
    }

    [Test]
    public void Owner_WhileAThiefIsAtWork_TakesOnButDoesNotReuseItsSlots()
    {
        StealQueue<NumberedItem> subject = Filled(capacity);
        Claim(subject, 1);

        // Slot 0 is the thief's: one item is gone, but there is no room for another.
        Assert.That(subject.Count, Is.EqualTo(capacity - 1));
        Assert.That(subject.TryPush(new NumberedItem(-1)), Is.False);
        Assert.That(subject.TryPop()?.Number, Is.EqualTo(1));
        Assert.That(subject.TryPush(new NumberedItem(-1)), Is.False);
        Assert.That(subject.TakeHalf(new NumberedItem?[1]), Is.EqualTo(1));

        // The thief is done: its slot and the two that the owner took are free at once.
        ref long head = ref Fields<NumberedItem>.Head(subject).Value;
        head = new StealHead(head).Release().Packed;
        Assert.That(subject.Room, Is.EqualTo(3));
        Assert.That(subject.Count, Is.EqualTo(capacity - 3));
        Assert.That(subject.TryPop()?.Number, Is.EqualTo(3));
    }
}
