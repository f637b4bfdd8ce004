// The model is a list that is searched for its least timer. What a timer does when it fires is given when it is armed, so that wheel and
// model do the same.

using FsCheck;
using FsCheck.Fluent;

using Qi.Actors.Collections;
using Qi.Actors.Properties.Tests.Kit;

namespace Qi.Actors.Properties.Tests.Collections;

/// <summary>Timers near and far, on every level, beyond all of them and in the past, against a sorted list.</summary>
internal sealed class TimerWheelProperties
{
    private const int Timers = 12;

    // Beyond the levels' 30 bits, up to years.
    private const int DelayBits = 36;

    private static readonly Gen<long> s_delays
        = Gen.Frequency((6, Steps.AnyMagnitude(DelayBits)), (2, Gen.Choose(-3, 3).Select(static delay => (long)delay)), (1, Edges()));

    private static readonly Gen<(int, int)> s_pairs = Gen.Choose(0, Timers - 1).Two();

    private static readonly Gen<Step<Wheels>> s_steps = Steps.Of(
        (8, Gen.Choose(0, Timers - 1).Zip(s_delays, static (id, delay) => (Step<Wheels>)new Arm(id, delay))),
        (2, s_pairs.Zip(s_delays.Two(), static (ids, delays) => (Step<Wheels>)new ArmToArm(ids.Item1, delays.Item1, ids.Item2, delays.Item2))),
        (1, s_pairs.Zip(s_delays, static (ids, delay) => (Step<Wheels>)new ArmToRemove(ids.Item1, delay, ids.Item2))),
        (2, Steps.With<Wheels>(Timers - 1, static id => new Remove(id))),
        (3, s_delays.Select(static by => (Step<Wheels>)new Advance(by))),
        (3, Steps.Just<Wheels>(new AdvanceToNext())));

    [TestCase(0)]
    [TestCase((1L << 30) - 70)]
    [TestCase((1L << 41) + 4_095)]
    public void Timers_AtRandom_MatchTheModel(long start)
        => Programs.Check(() => new Wheels(start), s_steps, static wheels => wheels.FireAll(), runs: 10_000, longest: 60);

    // Just before, at and after the start of each level's blocks.
    private static Gen<long> Edges()
        => Gen.Choose(1, TimerWheel.Levels).Zip(Gen.Choose(-1, 1), static (level, off) => (1L << (level * TimerWheel.BitsPerLevel)) + off);

    /// <summary>What a timer does when it fires.</summary>
    private readonly record struct Deed(int? ToArm = null, long Delay = 0, int? ToRemove = null);

    private sealed class Wheels
    {
        private readonly TimerWheel _wheel;
        private readonly Timer[] _timers;
        private readonly List<(int Id, long Tick)> _fired = [];
        private readonly SortedModel _model;

        public Wheels(long start)
        {
            _wheel = new TimerWheel(start);
            _model = new SortedModel(start);
            _timers = [.. Enumerable.Range(0, Timers).Select(id => new Timer(id, this))];
        }

        public void Arm(int id, long delay, Deed deed)
        {
            if (_timers[id].IsArmed)
                return;
            _timers[id].Deed = deed;
            _wheel.Add(_timers[id], _wheel.NowTick + delay);
            _model.Add(id, delay, deed);
            Verify();
        }

        public void Remove(int id)
        {
            Expect.Equal(_wheel.Remove(_timers[id]), _model.Remove(id));
            Verify();
        }

        public void Advance(long to)
        {
            int fired = _wheel.Advance(to, null);
            _model.Advance(to);
            Expect.Sequence(_fired, _model.Fired, "what fired");
            Expect.Equal(fired, _fired.Count, "Advance's result");
            _fired.Clear();
            _model.Fired.Clear();
            Verify();
        }

        public void AdvanceBy(long ticks) => Advance(_wheel.NowTick + ticks);

        public void AdvanceToNext()
        {
            if (_wheel.NextDeadlineTick < long.MaxValue)
                Advance(_wheel.NextDeadlineTick);
        }

        // The bound leads to each timer in at most a step for each level, one for the far list and one for late ones.
        public void FireAll()
        {
            for (int left = _wheel.Count, steps = 0; left > 0; left = _wheel.Count)
            {
                AdvanceToNext();
                steps = _wheel.Count < left ? 0 : steps + 1;
                Expect.True(steps <= (TimerWheel.Levels + 2) * Timers, "the bound leads to a timer");
                foreach (var timer in _timers)
                    timer.Deed = default;
                _model.ForgetDeeds();
            }
        }

        private void Fire(Timer timer)
        {
            _fired.Add((timer.Id, _wheel.NowTick));
            var deed = timer.Deed;
            if (deed.ToArm is { } other && !_timers[other].IsArmed)
            {
                _timers[other].Deed = default;
                _wheel.Add(_timers[other], _wheel.NowTick + deed.Delay);
            }

            if (deed.ToRemove is { } removed)
                _wheel.Remove(_timers[removed]);
        }

        private void Verify()
        {
            _wheel.AssertInvariants();
            Expect.Equal(_wheel.Count, _model.Count);
            Expect.Equal(_wheel.NowTick, _model.NowTick);
            long next = _model.NextTick;
            Expect.True(_wheel.NextDeadlineTick >= _wheel.NowTick && _wheel.NextDeadlineTick <= next, $"NextDeadlineTick {_wheel.NextDeadlineTick} is from now on and not after {next}");
            Expect.Equal(_wheel.NextDeadlineTick == long.MaxValue, _model.Count == 0);
        }

        private sealed class Timer(int id, Wheels wheels) : TimerNode
        {
            public int Id => id;

            public Deed Deed { get; set; }

            internal override void OnDue(object? context) => wheels.Fire(this);
        }
    }

    private sealed class SortedModel(long start)
    {
        private readonly Dictionary<int, (bool IsLate, long Tick, long Order, Deed Deed)> _armed = [];
        private long _order;

        public List<(int Id, long Tick)> Fired { get; } = [];

        public long NowTick { get; private set; } = start;

        public int Count => _armed.Count;

        public long NextTick => _armed.Count == 0 ? long.MaxValue : _armed.Values.Min(timer => timer.IsLate ? NowTick : timer.Tick);

        public void Add(int id, long delay, Deed deed) => _armed.Add(id, (delay <= 0, NowTick + delay, _order++, deed));

        public bool Remove(int id) => _armed.Remove(id);

        public void ForgetDeeds()
        {
            foreach (int id in _armed.Keys.ToArray())
                _armed[id] = _armed[id] with { Deed = default };
        }

        // Those that were late before fire first, in the order of their arming; what becomes late meanwhile waits for the next call.
        public void Advance(long to)
        {
            if (to < NowTick)
                return;
            long before = _order;
            while (Least(timer => timer.IsLate && timer.Order < before) is { } late)
                Fire(late);
            while (Least(timer => !timer.IsLate && timer.Tick <= to) is { } due)
            {
                NowTick = _armed[due].Tick;
                Fire(due);
            }

            NowTick = to;
        }

        private int? Least(Func<(bool IsLate, long Tick, long Order, Deed Deed), bool> isMeant)
        {
            var meant = _armed.Where(timer => isMeant(timer.Value)).ToList();
            return meant.Count == 0 ? null : meant.MinBy(timer => (timer.Value.IsLate ? 0 : timer.Value.Tick, timer.Value.Order)).Key;
        }

        private void Fire(int id)
        {
            Fired.Add((id, NowTick));
            _armed.Remove(id, out var timer);
            var deed = timer.Deed;
            if (deed.ToArm is { } other && !_armed.ContainsKey(other))
                Add(other, deed.Delay, default);
            if (deed.ToRemove is { } removed)
                _armed.Remove(removed);
        }
    }

    private sealed record Arm(int Id, long Delay) : Step<Wheels>
    {
        public override void Run(Wheels subject) => subject.Arm(Id, Delay, default);
    }

    /// <summary>When the timer fires it arms another one, or itself.</summary>
    private sealed record ArmToArm(int Id, long Delay, int Other, long OtherDelay) : Step<Wheels>
    {
        public override void Run(Wheels subject) => subject.Arm(Id, Delay, new Deed(Other, OtherDelay));
    }

    private sealed record ArmToRemove(int Id, long Delay, int Other) : Step<Wheels>
    {
        public override void Run(Wheels subject) => subject.Arm(Id, Delay, new Deed(ToRemove: Other));
    }

    private sealed record Remove(int Id) : Step<Wheels>
    {
        public override void Run(Wheels subject) => subject.Remove(Id);
    }

    private sealed record Advance(long By) : Step<Wheels>
    {
        public override void Run(Wheels subject) => subject.AdvanceBy(By);
    }

    private sealed record AdvanceToNext : Step<Wheels>
    {
        public override void Run(Wheels subject) => subject.AdvanceToNext();
    }
}
