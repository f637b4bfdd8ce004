using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Tests.Collections;

public sealed class TimerWheelTests
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

    [Test]
    public void NextDeadlineTick_Followed_LeadsToTheTimerInFewSteps([Range(1, 5)] int seed)
    {
        var random = new Rng((ulong)seed);
        for (int round = 0; round < 200; round++)
        {
            long start = (long)(random.NextUInt64() >> 25);
            var subject = new TimerWheel(start);
            long deadline = start + 1 + (long)(random.NextUInt64() >> (int)(20 + random.Below(43)));

            // Two in one slot, so that the wheel has to file them again.
            subject.Add(new Timer(1, []), deadline);
            subject.Add(new Timer(2, []), deadline);
            int steps = 0;
            while (subject.Count > 0)
            {
                Assert.That(subject.NextDeadlineTick, Is.InRange(subject.NowTick + (steps == 0 ? 1 : 0), deadline));
                subject.Advance(subject.NextDeadlineTick, null);
                Assert.That(++steps, Is.LessThanOrEqualTo(TimerWheel.Levels + 2), $"seed {seed}, round {round}");
            }

            Assert.That(subject.NowTick, Is.EqualTo(deadline));
        }
    }

    [Test]
    public void Operations_AtRandom_MatchTheModel([Range(1, 25)] int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}: dotnet test --filter \"Name~Operations_AtRandom_MatchTheModel({seed})\"");
        var random = new Rng((ulong)seed);
        long start = (long)(random.NextUInt64() >> (int)(10 + random.Below(50)));
        var wheel = new WheelDriver(start, seed);
        var model = new ModelDriver(start, seed);
        for (int step = 0; step < 1_500; step++)
        {
            int id = (int)random.Below(TimerDriver.Timers);
            switch (random.Below(4))
            {
                case 0:
                    Assert.That(wheel.Remove(id), Is.EqualTo(model.Remove(id)));
                    break;
                case 1:
                    long jump = (long)(random.NextUInt64() >> (int)(22 + random.Below(42)));
                    wheel.Advance(wheel.Now + jump);
                    model.Advance(model.Now + jump);
                    break;
                default:
                    long delay = (long)(random.NextUInt64() >> (int)(20 + random.Below(44))) - 2;
                    wheel.Add(id, delay);
                    model.Add(id, delay);
                    break;
            }

            wheel.AssertInvariants();
            Assert.That(wheel.Log, Is.EqualTo(model.Log), $"seed {seed}, step {step}");
            Assert.That(wheel.Now, Is.EqualTo(model.Now));
            Assert.That(wheel.Count, Is.EqualTo(model.Count));
            Assert.That(wheel.NextDeadlineTick, Is.LessThanOrEqualTo(model.NextDeadlineTick));
            Assert.That(wheel.NextDeadlineTick, Is.GreaterThanOrEqualTo(wheel.Now));
            Assert.That(wheel.NextDeadlineTick == long.MaxValue, Is.EqualTo(model.Count == 0));
            wheel.Log.Clear();
            model.Log.Clear();
        }
    }

    [Test]
    public void MillionTimers_AddedRemovedAndFired_AreCheapAndAllocateNothing()
    {
        const int Timers = 1_000_000;
        var subject = new TimerWheel();
        var random = new Rng(1);
        var nodes = new SilentTimer[Timers];
        for (int index = 0; index < Timers; index++)
        {
            nodes[index] = new SilentTimer();
        }

        // The runtime itself allocates a little now and then on whatever thread runs; the wheel would do so in every round.
        long allocated = long.MaxValue;
        long tookNs = long.MaxValue;
        for (int round = 0; round < 3; round++)
        {
            long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            long startNs = Clock.NowNs();
            int fired = AddRemoveAndFire(subject, nodes, ref random);
            tookNs = Math.Min(tookNs, Clock.NowNs() - startNs);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - allocatedBefore);
            Assert.That(fired, Is.EqualTo(Timers / 2));
            Assert.That(subject.Count, Is.Zero);
        }

        TestContext.Out.WriteLine($"{tookNs / Timers} ns a timer");
        Assert.That(allocated, Is.Zero);
        Assert.That(tookNs, Is.LessThan(10_000_000_000), "A generous bound: 10 µs a timer.");
    }

    private static int AddRemoveAndFire(TimerWheel wheel, SilentTimer[] nodes, ref Rng random)
    {
        long start = wheel.NowTick;
        foreach (SilentTimer node in nodes)
        {
            wheel.Add(node, start + 1 + random.Below(10_000_000));
        }

        for (int index = 0; index < nodes.Length; index += 2)
        {
            wheel.Remove(nodes[index]);
        }

        int fired = 0;
        for (long passed = 0; passed <= 10_000_000; passed += 1_000)
        {
            fired += wheel.Advance(start + passed, null);
        }

        return fired + wheel.Advance(start + (10_000 * HourTicks), null);
    }

    private sealed class SilentTimer : TimerNode
    {
        internal override void OnDue(object? context)
        {
        }
    }

    private sealed class Timer(int number, List<int> log) : TimerNode
    {
        internal int Number { get; } = number;

        internal List<int> Log { get; } = log;

        internal Action? Action { get; set; }

        internal object? Context { get; private set; }

        internal override void OnDue(object? context)
        {
            Context = context;
            Log.Add(Number);
            Action?.Invoke();
        }
    }

    /// <summary>
    /// What a firing timer does is decided by its number, the seed and how many have fired: the same in both drivers.
    /// </summary>
    private abstract class TimerDriver(int seed)
    {
        internal const int Timers = 40;

        internal List<(int Id, long Tick)> Log { get; } = [];

        internal abstract long Now { get; }

        internal abstract int Count { get; }

        private int _fired;

        internal abstract void Add(int id, long delay);

        internal abstract bool Remove(int id);

        internal abstract void Advance(long tick);

        protected void Fire(int id)
        {
            Log.Add((id, Now));
            var choice = new Rng((ulong)((((long)seed * 1_000) + id) * 1_000_003) + (ulong)_fired++);
            switch (choice.Below(6))
            {
                case 0:
                    Add(id, (long)(choice.NextUInt64() >> (int)(30 + choice.Below(34))));
                    break;
                case 1:
                    _ = Remove((int)choice.Below(Timers));
                    break;
                case 2:
                    Add((int)choice.Below(Timers), choice.Below(3) - 1L);
                    break;
                default:
                    break;
            }
        }
    }

    private sealed class WheelDriver : TimerDriver
    {
        private readonly TimerWheel _wheel;
        private readonly Timer[] _timers;

        internal WheelDriver(long start, int seed)
            : base(seed)
        {
            _wheel = new TimerWheel(start);
            _timers = [.. Enumerable.Range(0, Timers).Select(id => new Timer(id, []) { Action = () => Fire(id) })];
        }

        internal override long Now => _wheel.NowTick;

        internal override int Count => _wheel.Count;

        internal long NextDeadlineTick => _wheel.NextDeadlineTick;

        internal void AssertInvariants() => _wheel.AssertInvariants();

        internal override void Add(int id, long delay)
        {
            if (!_timers[id].IsArmed)
            {
                _wheel.Add(_timers[id], Now + delay);
            }
        }

        internal override bool Remove(int id) => _wheel.Remove(_timers[id]);

        internal override void Advance(long tick) => _wheel.Advance(tick, null);
    }

    private sealed class ModelDriver(long start, int seed) : TimerDriver(seed)
    {
        private readonly Dictionary<int, (long Deadline, long Order, bool IsLate)> _armed = [];
        private long _now = start;
        private long _order;

        internal override long Now => _now;

        internal override int Count => _armed.Count;

        internal long NextDeadlineTick
            => _armed.Count == 0 ? long.MaxValue : _armed.Values.Min(timer => timer.IsLate ? _now : timer.Deadline);

        internal override void Add(int id, long delay)
            => _armed.TryAdd(id, (_now + delay, _order++, delay <= 0));

        internal override bool Remove(int id) => _armed.Remove(id);

        internal override void Advance(long tick)
        {
            long lastLate = _order;
            while (_armed.Where(timer => timer.Value.IsLate && timer.Value.Order < lastLate).ToList() is { Count: > 0 } late)
            {
                FireOne(late.MinBy(timer => timer.Value.Order).Key);
            }

            while (_armed.Where(timer => !timer.Value.IsLate && timer.Value.Deadline <= tick).ToList() is { Count: > 0 } due)
            {
                (int id, (long deadline, _, _)) = due.MinBy(timer => (timer.Value.Deadline, timer.Value.Order));
                _now = deadline;
                FireOne(id);
            }

            _now = tick;
        }

        private void FireOne(int id)
        {
            _armed.Remove(id);
            Fire(id);
        }
    }
}
