using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Tests.Collections;

public sealed partial class TimerWheelTests
{
    private const long HourTicks = 3_600_000;

    [Test]
    public void NextDeadlineTick_OfAnEmptyWheel_IsNever()
    {
        var subject = new TimerWheel(5);
        Assert.That(subject.NextDeadlineTick, Is.EqualTo(long.MaxValue));
        Assert.That(subject.Advance(100 * HourTicks, null), Is.Zero);
        Assert.That(subject.NowTick, Is.EqualTo(100 * HourTicks));
    }

    [Test]
    public void Constructor_WithANegativeTick_Throws()
        => Assert.That(() => new TimerWheel(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Advance_ToEachEdge_FiresNeitherEarlyNorLate(
        [Values(0, 1, 62, 63, 64, 4_095, 4_096, 1_000_003, (1L << 30) - 1, 1L << 30, (5L << 30) + 77)] long start,
        [Values(1, 2, 63, 64, 65, 4_095, 4_096, 4_097, 262_143, 262_144, 1L << 24, (1L << 30) - 1, 1L << 30, 1L << 40)] long delay)
    {
        var subject = new TimerWheel(start);
        var timer = new Timer(1, []);
        subject.Add(timer, start + delay);
        subject.AssertInvariants();
        Assert.That(subject.NextDeadlineTick, Is.EqualTo(start + delay), "One timer alone is told exactly.");
        Assert.That(subject.Advance(start + delay - 1, null), Is.Zero);
        subject.AssertInvariants();
        Assert.That(timer.IsArmed, Is.True);
        Assert.That(subject.Advance(start + delay, null), Is.EqualTo(1));
        Assert.That(timer.IsArmed, Is.False);
        Assert.That(timer.Log, Is.EqualTo(new[] { 1 }));
        Assert.That(subject.Count, Is.Zero);
        subject.AssertInvariants();
    }

    [Test]
    public void Advance_InOneJump_FiresInDeadlineOrderThenInsertionOrder()
    {
        var subject = new TimerWheel(10);
        List<int> log = [];
        long[] deadlines = [5_000, 70, 11, 5_000, 1L << 33, 70, 4_096, 1L << 33, 5_000];
        for (int number = 0; number < deadlines.Length; number++)
        {
            subject.Add(new Timer(number, log), deadlines[number]);
        }

        Assert.That(subject.Advance(1L << 34, null), Is.EqualTo(deadlines.Length));
        Assert.That(log, Is.EqualTo(new[] { 2, 1, 5, 6, 0, 3, 8, 4, 7 }));
    }

    [Test]
    public void Advance_OfNodesAddedFromAfarAndFromNear_KeepsInsertionOrderInOneTick()
    {
        const long Deadline = (3L << 30) + 70_000;
        var subject = new TimerWheel();
        List<int> log = [];
        long[] addedAt = [0, 3L << 30, (3L << 30) + 65_536, Deadline - 100, Deadline - 65, Deadline - 10, Deadline - 1];
        for (int number = 0; number < addedAt.Length; number++)
        {
            subject.Advance(addedAt[number], null);
            subject.Add(new Timer(number, log), Deadline);
            subject.AssertInvariants();
        }

        subject.Advance(Deadline, null);
        Assert.That(log, Is.EqualTo(Enumerable.Range(0, addedAt.Length)));
    }

    [Test]
    public void Add_ForAPastTick_FiresAtTheNextAdvanceOfTheSameTick()
    {
        var subject = new TimerWheel(100);
        List<int> log = [];
        subject.Add(new Timer(1, log), 100);
        subject.Add(new Timer(2, log), -5);
        subject.Add(new Timer(3, log), 101);
        Assert.That(subject.NextDeadlineTick, Is.EqualTo(100));
        Assert.That(subject.Advance(99, null), Is.Zero, "Time does not go back.");
        Assert.That(subject.Advance(100, null), Is.EqualTo(2));
        Assert.That(log, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(subject.NextDeadlineTick, Is.EqualTo(101));
    }

    [Test]
    public void OnDue_ThatArmsItselfForThePresentTick_FiresOnceAnAdvance()
    {
        var subject = new TimerWheel();
        var timer = new Timer(1, []);
        timer.Action = () => subject.Add(timer, subject.NowTick);
        subject.Add(timer, 10);
        for (int round = 1; round <= 5; round++)
        {
            Assert.That(subject.Advance(20, null), Is.EqualTo(1));
            Assert.That(timer.IsArmed, Is.True);
            Assert.That(subject.NextDeadlineTick, Is.EqualTo(20));
            subject.AssertInvariants();
        }
    }

    [Test]
    public void OnDue_OfAPeriodicTimer_CatchesUpInOneAdvance()
    {
        var subject = new TimerWheel();
        List<long> firedAt = [];
        var timer = new Timer(1, []);
        timer.Action = () =>
        {
            firedAt.Add(subject.NowTick);
            subject.Add(timer, subject.NowTick + 100);
        };
        subject.Add(timer, 100);
        Assert.That(subject.Advance(1_050, null), Is.EqualTo(10));
        Assert.That(firedAt, Is.EqualTo(Enumerable.Range(1, 10).Select(period => period * 100L)));
    }

    [Test]
    public void OnDue_ThatRemovesItsNeighbours_IsObeyed()
    {
        var subject = new TimerWheel();
        List<int> log = [];
        Timer[] timers = [.. Enumerable.Range(0, 5).Select(number => new Timer(number, log))];
        timers[0].Action = () =>
        {
            Assert.That(subject.Remove(timers[0]), Is.False, "A firing timer is no longer armed.");
            Assert.That(subject.Remove(timers[1]), Is.True);
            Assert.That(subject.Remove(timers[3]), Is.True);
            Assert.That(subject.Remove(timers[4]), Is.True);
        };
        foreach (Timer timer in timers)
        {
            subject.Add(timer, timer.Number == 4 ? 50_000 : 70);
        }

        Assert.That(subject.Advance(HourTicks, null), Is.EqualTo(2));
        Assert.That(log, Is.EqualTo(new[] { 0, 2 }));
        Assert.That(subject.Count, Is.Zero);
        subject.AssertInvariants();
    }

    [Test]
    public void OnDue_ThatThrows_LosesNoOtherTimer()
    {
        var subject = new TimerWheel();
        List<int> log = [];
        var bad = new Timer(0, log) { Action = () => throw new InvalidOperationException() };
        subject.Add(bad, 70);
        subject.Add(new Timer(1, log), 70);
        subject.Add(new Timer(2, log), 71);
        Assert.That(() => subject.Advance(100, null), Throws.InvalidOperationException);
        Assert.That(subject.Advance(100, null), Is.EqualTo(2));
        Assert.That(log, Is.EqualTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public void OnDue_Always_ReceivesTheContext()
    {
        var subject = new TimerWheel();
        var timer = new Timer(1, []);
        object context = new();
        subject.Add(timer, 1);
        subject.Advance(1, context);
        Assert.That(timer.Context, Is.SameAs(context));
    }

    [Test]
    public void Remove_OfEveryKindOfNode_Disarms()
    {
        var subject = new TimerWheel(1_000);
        List<int> log = [];
        Timer[] timers = [.. Enumerable.Range(0, 6).Select(number => new Timer(number, log))];
        long[] deadlines = [0, 1_001, 1_500, 500_000, 1L << 31, 1L << 50];
        for (int number = 0; number < timers.Length; number++)
        {
            Assert.That(subject.Remove(timers[number]), Is.False);
            subject.Add(timers[number], deadlines[number]);
        }

        for (int number = 0; number < timers.Length; number++)
        {
            Assert.That(subject.Remove(timers[number]), Is.True);
            Assert.That(timers[number].IsArmed, Is.False);
            subject.AssertInvariants();
        }

        Assert.That(subject.NextDeadlineTick, Is.EqualTo(long.MaxValue));
        Assert.That(subject.Advance(1L << 51, null), Is.Zero);
        Assert.That(log, Is.Empty);
    }

    [Test]
    public void Add_OfAFarNode_AfterAnEarlierFarNodeWasRemoved_DoesNotSendTimeBack()
    {
        var subject = new TimerWheel();
        var removed = new Timer(1, []);
        var kept = new Timer(2, []);
        subject.Add(removed, 1L << 31);
        subject.Remove(removed);
        subject.Advance(1L << 40, null);
        subject.Add(kept, 1L << 41);
        Assert.That(subject.NextDeadlineTick, Is.EqualTo(1L << 41));
        Assert.That(subject.Advance((1L << 41) - 1, null), Is.Zero);
        Assert.That(subject.NowTick, Is.EqualTo((1L << 41) - 1));
        Assert.That(subject.Advance(1L << 41, null), Is.EqualTo(1));
    }

    [Test]
    public void Advance_ToTheEndOfTime_FiresEverything()
    {
        var subject = new TimerWheel();
        List<int> log = [];
        subject.Add(new Timer(1, log), long.MaxValue);
        subject.Add(new Timer(2, log), long.MaxValue - 1);
        Assert.That(subject.Advance(long.MaxValue - 1, null), Is.EqualTo(1));
        Assert.That(subject.Advance(long.MaxValue, null), Is.EqualTo(1));
        Assert.That(log, Is.EqualTo(new[] { 2, 1 }));
    }
}
