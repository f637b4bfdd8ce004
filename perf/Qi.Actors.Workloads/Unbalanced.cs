// The steps are linear over the bits of their start: what becomes of it is the exclusive or of what becomes of each of its bits. So
// the expected sum is found without doing the work.

using System.Numerics;

namespace Qi.Actors.Workloads;

/// <summary>One task spawns very many that calculate: how the work comes to the other workers.</summary>
public static class Unbalanced
{
    private const int Steps = 2000;

    private static readonly ulong[] s_images = [.. Enumerable.Range(0, 64).Select(bit => Advance(1UL << bit))];

    public static Workload Workload { get; } = new(
        "unbalanced", "task", 200_000, Ones, Rendering.Measuring("Qi", Qi), new("Task", Tasks), new("ThreadPool", WorkItems));

    /// <summary>The last bit, the highest, of xorshift64* after two thousand steps.</summary>
    public static long LastBit(ulong start) => Star(Advance(start));

    public static Outcome Qi(ActorSystem system, int size)
    {
        var tally = new Tally(size);
        _ = system.Spawn(() => SpawnAll(system, tally, size));
        long ones = tally.Result;

        // Of all rounds so far: a single one needs a handful of steals, since most of what overflows is injected in batches.
        var statistics = system.Statistics;
        return new Outcome(ones) { StealSuccess = statistics.StealAttempts == 0 ? null : (double)statistics.Steals / statistics.StealAttempts };
    }

    public static long Tasks(ActorSystem system, int size)
    {
        var tally = new Tally(size);
        _ = Task.Run(() =>
        {
            for (int i = 1; i <= size; i++)
            {
                ulong start = (ulong)i;
                _ = Task.Run(() => tally.Add(LastBit(start)));
            }
        });
        return tally.Result;
    }

    public static long WorkItems(ActorSystem system, int size)
    {
        var tally = new Tally(size);
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                for (int i = 1; i <= size; i++)
                    ThreadPool.UnsafeQueueUserWorkItem(new WorkItem(tally, (ulong)i), preferLocal: true);
            },
            null);
        return tally.Result;
    }

    private static ulong Advance(ulong x)
    {
        for (int i = 0; i < Steps; i++)
        {
            x ^= x >> 12;
            x ^= x << 25;
            x ^= x >> 27;
        }

        return x;
    }

    private static long Star(ulong x) => (long)((x * 0x2545F4914F6CDD1DUL) >> 63);

    private static long Ones(int size)
    {
        long ones = 0;
        for (ulong start = 1; start <= (ulong)size; start++)
        {
            ulong x = 0;
            for (ulong bits = start; bits != 0; bits &= bits - 1)
                x ^= s_images[BitOperations.TrailingZeroCount(bits)];
            ones += Star(x);
        }

        return ones;
    }

#pragma warning disable CS1998 // Coroutines that only calculate are what is measured.
    private static async Coroutine SpawnAll(ActorSystem system, Tally tally, int size)
    {
        for (int i = 1; i <= size; i++)
            _ = system.Spawn(Calculate(tally, (ulong)i));
    }

    private static async Coroutine Calculate(Tally tally, ulong start) => tally.Add(LastBit(start));
#pragma warning restore CS1998

    private sealed class WorkItem(Tally tally, ulong start) : IThreadPoolWorkItem
    {
        public void Execute() => tally.Add(LastBit(start));
    }
}
