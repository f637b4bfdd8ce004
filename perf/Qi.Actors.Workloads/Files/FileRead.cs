// What is read is in the kernel's memory, so the machinery around a read is measured and no disk. A lane is a read that is under way: it reads one block after the
// other, each at a random place. The file is written, read once and opened before the time counts.

using Qi.Actors.IO;
using Qi.Actors.Platform;

namespace Qi.Actors.Workloads.Files;

/// <summary>Reads of 4 KiB at random places of a file that is in memory.</summary>
public static class FileRead
{
    private const int MostBlocks = 65_536;
    private const int ReadsOfABlock = 16;

    /// <summary>One read after the other.</summary>
    public static Workload One { get; } = Of("file-read-1", lanes: 1, 1_000_000);

    /// <summary>Always 32 reads under way.</summary>
    public static Workload Many { get; } = Of("file-read-32", lanes: 32, 2_000_000);

    private static Workload Of(string name, int lanes, int size) => new(
        name,
        "read",
        size,
        static size => size,
        Rendering.Measuring("Qi", (system, size) => Qi(system, lanes, size)),
        Rendering.Measuring("RandomAccess", (_, size) => Tasks(lanes, size)),
        // What the calls themselves cost: a thread for each lane, and nobody is told of anything.
        Rendering.Measuring("RandomAccess sync", (_, size) => Threads(lanes, size)) with { IsComparable = false })
    {
        Fit = Workload.MultipleOf(lanes),
    };

    private static CachedFile MakeFile(int reads) => new(Math.Clamp(reads / ReadsOfABlock, 1, MostBlocks));

    private static Outcome Qi(ActorSystem system, int lanes, int size)
    {
        using var file = MakeFile(size);
        using var opened = system.BlockOn(() => Open(system, file));
        var meter = Meter.Start();
        long result = system.BlockOn(() => ReadOnLanes(system, opened, file, lanes, size / lanes));
        return new Outcome(result) { Spent = meter.Stop() };
    }

    private static async Coroutine<AsyncFile> Open(ActorSystem system, CachedFile file) => await AsyncFile.OpenAsync(system, file.Location);

    private static async Coroutine<long> ReadOnLanes(ActorSystem system, AsyncFile opened, CachedFile file, int lanes, int reads)
    {
        var handles = new JoinHandle<long>[lanes];
        for (int lane = 0; lane < lanes; lane++)
            handles[lane] = system.Spawn(ReadOnLane(opened, file, lane, reads));
        long sum = 0;
        foreach (var handle in handles)
            sum += await handle;
        return sum;
    }

    private static async Coroutine<long> ReadOnLane(AsyncFile opened, CachedFile file, int lane, int reads)
    {
        var places = new Rng((ulong)lane);
        byte[] buffer = new byte[CachedFile.BlockBytes];
        for (int i = 0; i < reads; i++)
        {
            uint block = places.Below((uint)file.Blocks);
            int count = await opened.ReadAtAsync(buffer, CachedFile.OffsetOf(block));
            CachedFile.Check(block, buffer.AsSpan(0, count));
        }

        return reads;
    }

    private static Outcome Tasks(int lanes, int size)
    {
        using var file = MakeFile(size);
        var meter = Meter.Start();
        long[] results = Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => Task.Run(() => ReadOnTask(file, lane, size / lanes)))).GetAwaiter().GetResult();
        return new Outcome(results.Sum()) { Spent = meter.Stop() };
    }

    private static async Task<long> ReadOnTask(CachedFile file, int lane, int reads)
    {
        var places = new Rng((ulong)lane);
        byte[] buffer = new byte[CachedFile.BlockBytes];
        for (int i = 0; i < reads; i++)
        {
            uint block = places.Below((uint)file.Blocks);
            int count = await RandomAccess.ReadAsync(file.Handle, buffer, CachedFile.OffsetOf(block)).ConfigureAwait(false);
            CachedFile.Check(block, buffer.AsSpan(0, count));
        }

        return reads;
    }

    private static Outcome Threads(int lanes, int size)
    {
        using var file = MakeFile(size);
        var failures = new Exception?[lanes];
        Thread[] threads = [.. Enumerable.Range(0, lanes).Select(lane => new Thread(() => failures[lane] = ReadOnThread(file, lane, size / lanes)))];
        var meter = Meter.Start();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        var spent = meter.Stop();
        return failures.OfType<Exception>().FirstOrDefault() is { } failure ? throw failure : new Outcome(size) { Spent = spent };
    }

    // An exception that a thread lets out ends the process, without an answer.
    private static Exception? ReadOnThread(CachedFile file, int lane, int reads)
    {
        var places = new Rng((ulong)lane);
        byte[] buffer = new byte[CachedFile.BlockBytes];
        try
        {
            for (int i = 0; i < reads; i++)
            {
                uint block = places.Below((uint)file.Blocks);
                int count = RandomAccess.Read(file.Handle, buffer, CachedFile.OffsetOf(block));
                CachedFile.Check(block, buffer.AsSpan(0, count));
            }

            return null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return e;
        }
    }
}
