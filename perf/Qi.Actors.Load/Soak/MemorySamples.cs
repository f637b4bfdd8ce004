// Memory is measured at rest, after collections that were repeated until they found nothing more: the depots of free nodes give up
// half of what nobody needs at each of them. What is compared are the means of the first and the last third of those after the warm-up.

namespace Qi.Actors.Load.Soak;

/// <summary>What the process used at one moment of rest.</summary>
internal sealed record MemorySample(double Seconds, long HeapBytes, long CommittedBytes, long PinnedObjects, long ResidentBytes, int Threads, long TimersWaiting, int SystemsKept, long Rounds, bool IsWarm);

/// <summary>The samples of a run: about thirty, however long it is, and those of the warm-up before.</summary>
internal sealed class MemorySamples
{
    private const int MostCollections = 12;

    private readonly List<MemorySample> _samples = [];

    public IReadOnlyList<MemorySample> All => _samples;

    public MemorySample Take(TimeSpan elapsed, ActorSystem system, long rounds, bool isWarm)
    {
        long heap = Collect();
        var collected = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        var sample = new MemorySample(
            elapsed.TotalSeconds,
            heap,
            collected.TotalCommittedBytes,
            collected.PinnedObjectsCount,
            Environment.WorkingSet,
            OwnThreads.ProcessCount(),
            system.Statistics.TimersWaiting,
            SoakContext.CountKeptSystems(),
            rounds,
            isWarm);
        _samples.Add(sample);
        return sample;
    }

    /// <summary>How much more the last third has than the first, as a part of the first; null if there are too few samples.</summary>
    public double? GrowthOf(Func<MemorySample, long> figure, long ignoredBytes)
    {
        var compared = _samples.FindAll(static sample => sample.IsWarm);
        int third = compared.Count / 3;
        if (third == 0)
            return null;
        double first = compared.Take(third).Average(sample => (double)figure(sample));
        double last = compared.TakeLast(third).Average(sample => (double)figure(sample));
        return last - first <= ignoredBytes ? Math.Min(0, (last - first) / first) : (last - first) / first;
    }

    /// <summary>The bytes of what is alive, after as many collections as find something.</summary>
    public static long Collect()
    {
        long before = long.MaxValue;
        for (int i = 0; i < MostCollections; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            var info = GC.GetGCMemoryInfo(GCKind.FullBlocking);
            long now = info.HeapSizeBytes - info.FragmentedBytes; // GetTotalMemory sinks below zero here, with pinned arrays that come and go
            if (now > before - (before / 100))
                return now;
            before = now;
        }

        return before;
    }
}
