// The calculation is linear over the bits of its start: the last bit after all steps is the parity of the start's bits under a
// mask. So the expected sum is found without doing the work.

using System.Numerics;

namespace Qi.Actors.Workloads;

/// <summary>One task spawns very many that calculate: how the work comes to the other workers.</summary>
public static class Unbalanced
{
    private const int Steps = 2000;

    private static readonly ulong s_mask = Mask();

    public static Workload Workload { get; } = new(
        "unbalanced", "task", 200_000, Ones, Rendering.Measuring("Qi", Qi), new("Task", Tasks), new("ThreadPool", WorkItems));

    /// <summary>The last bit of xorshift64* after two thousand steps. Its closing multiplication, by an odd number, leaves that bit alone.</summary>
    public static long LastBit(ulong x)
    {
        for (int i = 0; i < Steps; i++)
        {
            x ^= x >> 12;
            x ^= x << 25;
            x ^= x >> 27;
        }

        return (long)((x * 0x2545F4914F6CDD1DUL) & 1);
    }

    public static Outcome Qi(ActorSystem system, int size)
    {
        var tally = new Tally(size);
        var before = system.Statistics;
        _ = system.Spawn(() => SpawnAll(system, tally, size));
        long ones = tally.Result;
        var after = system.Statistics;
        long attempts = after.StealAttempts - before.StealAttempts;
        return new Outcome(ones) { StealSuccess = attempts == 0 ? null : (double)(after.Steals - before.Steals) / attempts };
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

    private static long Ones(int size)
    {
        long ones = 0;
        for (ulong start = 1; start <= (ulong)size; start++)
            ones += BitOperations.PopCount(start & s_mask) & 1;
        return ones;
    }

    private static ulong Mask()
    {
        ulong mask = 0;
        for (int bit = 0; bit < 64; bit++)
            mask |= (ulong)LastBit(1UL << bit) << bit;
        return mask;
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
