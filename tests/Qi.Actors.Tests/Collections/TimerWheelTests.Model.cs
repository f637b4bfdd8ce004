using Qi.Actors.Collections;
using Qi.Actors.Platform;

namespace Qi.Actors.Tests.Collections;

public sealed partial class TimerWheelTests
{
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
