// The micro and the concurrency benchmarks of Savina, with its default parameters: S. Imam and V. Sarkar, "Savina - An Actor
// Benchmark Suite: Enabling Empirical Evaluation of Actor Libraries", AGERE! 2014. What each measures and its parameters are
// the suite's; the code is not.
//
// Each role is written once and played by both sides (Carriers). Differences from the suite, on both sides alike: a round stops its
// cast by completing it and not by a message; parties that the suite has only for counting ends are the round's count; random
// numbers are Rng's, from seeds.

namespace Qi.Actors.Workloads.Savina;

/// <summary>The suite's workloads.</summary>
public static class Suite
{
    public static IReadOnlyList<Workload> All { get; } =
    [
        PingPong.Workload,
        Counting.Workload,
        ForkJoinThroughput.Workload,
        ForkJoinCreate.Workload,
        ThreadRing.Workload,
        Chameneos.Workload,
        Big.Workload,
        ConcurrentDictionary.Workload,
        ConcurrentSortedList.Workload,
        BoundedBuffer.Workload,
        Philosophers.Workload,
        SleepingBarber.Workload,
        CigaretteSmokers.Workload,
        Fibonacci.Workload,
        LogisticMap.Workload,
        Banking.Workload,
    ];
}
