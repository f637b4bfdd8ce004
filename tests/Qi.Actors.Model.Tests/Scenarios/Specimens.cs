// Small scenarios with a known bug each: what the checker must find, and with what.

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Scenarios for the tests of the checker itself.</summary>
internal static class Specimens
{
    public static IReadOnlyList<ScenarioEntry> All { get; } =
    [
        new("LostUpdate", "", () => new LostUpdate(), new Bounds(3, 0)),
        new("StoreThenLoad", "", () => new StoreThenLoad(hasFence: false), new Bounds(3, 2)),
        new("StoreThenLoadFenced", "", () => new StoreThenLoad(hasFence: true), new Bounds(3, 2)),
        new("Deadlock", "", () => new Deadlock(), new Bounds(3, 0)),
        new("Livelock", "", () => new Livelock(), new Bounds(3, 0)),
        new("ReleaseThenLoad", "", () => new ReleaseThenLoad(), new Bounds(3, 2)),
        new("Undecided", "", () => new Undecided(), new Bounds(3, 0)),
    ];

    public static ScenarioEntry Named(string name) => All.Single(entry => entry.Name == name);

    // Two threads add one each, by a read and a write.
    private sealed class LostUpdate : Scenario
    {
        private int _count;

        public override void SetUp(Execution execution)
        {
            execution.Thread("a", () => Atomic.Write(ref _count, Atomic.Read(ref _count) + 1));
            execution.Thread("b", () => Atomic.Write(ref _count, Atomic.Read(ref _count) + 1));
        }

        public override void CheckEnd() => Must.Hold(_count == 2, "An update was lost.");
    }

    // Each says that it is there and then looks for the other: one of the two must see the other.
    private sealed class StoreThenLoad(bool hasFence) : Scenario
    {
        private int _a;
        private int _b;
        private int _seen;

        public override void SetUp(Execution execution)
        {
            execution.Thread("a", () => _seen += Meet(ref _a, ref _b));
            execution.Thread("b", () => _seen += Meet(ref _b, ref _a));
        }

        public override void CheckEnd() => Must.Hold(_seen > 0, "Neither has seen the other.");

        private int Meet(ref int own, ref int other)
        {
            Atomic.Write(ref own, 1);
            if (hasFence)
                Atomic.Fence();
            return Atomic.Read(ref other);
        }
    }

    // The same with a store under a lock: its release is no full fence.
    private sealed class ReleaseThenLoad : Scenario
    {
        private readonly Lock _lock = new();
        private int _a;
        private int _b;
        private int _seen;

        public override void SetUp(Execution execution)
        {
            execution.Thread("a", () =>
            {
                lock (_lock)
                    Atomic.Write(ref _a, 1);
                Note(Atomic.Read(ref _b));
            });
            execution.Thread("b", () =>
            {
                Atomic.Exchange(ref _b, 1);
                Note(Atomic.Read(ref _a));
            });
        }

        public override void CheckEnd() => Must.Hold(_seen > 0, "Neither has seen the other.");

        private void Note(int seen) => _seen += seen;
    }

    private sealed class Deadlock : Scenario
    {
        private readonly Lock _left = new();
        private readonly Lock _right = new();

        public override void SetUp(Execution execution)
        {
            execution.Thread("a", () => Take(_left, _right));
            execution.Thread("b", () => Take(_right, _left));
        }

        private static void Take(Lock first, Lock second)
        {
            lock (first)
            {
                lock (second)
                    Atomic.Fence();
            }
        }
    }

    // Waits for somebody who waits for it.
    private sealed class Livelock : Scenario
    {
        private int _a;
        private int _b;

        public override void SetUp(Execution execution)
        {
            execution.Thread("a", () => Follow(ref _a, ref _b));
            execution.Thread("b", () => Follow(ref _b, ref _a));
        }

        private static void Follow(ref int own, ref int other)
        {
            while (Atomic.Read(ref other) == 0)
                Atomic.Pause();
            Atomic.Write(ref own, 1);
        }
    }

    // Does something else each time.
    private sealed class Undecided : Scenario
    {
        private static int s_times;
        private int _value;

        public override void SetUp(Execution execution)
        {
            execution.Thread("a", () => Atomic.Add(ref _value, 1));
            execution.Thread("b", () => Atomic.Add(ref _value, 1));
            if (++s_times % 2 == 0)
                execution.Thread("c", () => Atomic.Add(ref _value, 1));
        }
    }
}
