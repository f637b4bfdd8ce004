using Qi.Actors.Platform;

namespace Qi.Actors.Load.Files;

/// <summary>A way to read blocks at random places of a file.</summary>
/// <param name="Name">The word for it on the command line.</param>
/// <param name="Run">Reads on so many lanes until the time is up, a block at least on each, and returns how many were read and checked.</param>
internal sealed record FileReader(string Name, Func<CachedFile, Watch, int, long> Run)
{
    /// <summary>All ways. <c>file-read</c> knows what stands here.</summary>
    public static IReadOnlyList<FileReader> All { get; } =
    [
        new("dotnet", static (file, watch, depth) => ReadAsync(file, watch, depth).GetAwaiter().GetResult()),
        new("dotnet-sync", ReadOnThreads),
        new("qi", QiReads.Run),
    ];

    public static FileReader Find(string name)
        => All.FirstOrDefault(reader => string.Equals(reader.Name, name, StringComparison.Ordinal))
            ?? throw new UsageException($"--kind is '{name}'. There are: {string.Join(", ", All.Select(reader => reader.Name))}.");

    private static async Task<long> ReadAsync(CachedFile file, Watch watch, int depth)
    {
        long[] counts = await Task.WhenAll(Enumerable.Range(0, depth).Select(lane => Task.Run(() => ReadOnLaneAsync(file, watch, lane))));
        return counts.Sum();
    }

    private static async Task<long> ReadOnLaneAsync(CachedFile file, Watch watch, int lane)
    {
        var places = new Rng((ulong)lane);
        byte[] buffer = new byte[CachedFile.BlockBytes];
        long count = 0;
        do
        {
            uint block = places.Below((uint)file.Blocks);
            int read = await RandomAccess.ReadAsync(file.Handle!, buffer, CachedFile.OffsetOf(block));
            CachedFile.Check(block, buffer.AsSpan(0, read));
            count++;
        }
        while (!watch.IsOver);

        return count;
    }

    // What the calls themselves cost: a thread for each read that is under way, and nobody is told of anything.
    private static long ReadOnThreads(CachedFile file, Watch watch, int depth)
    {
        long[] counts = new long[depth];
        Thread[] threads = [.. Enumerable.Range(0, depth).Select(lane => new Thread(() => counts[lane] = ReadOnThread(file, watch, lane)))];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return counts.Sum();
    }

    private static long ReadOnThread(CachedFile file, Watch watch, int lane)
    {
        var places = new Rng((ulong)lane);
        byte[] buffer = new byte[CachedFile.BlockBytes];
        long count = 0;
        do
        {
            uint block = places.Below((uint)file.Blocks);
            int read = RandomAccess.Read(file.Handle!, buffer, CachedFile.OffsetOf(block));
            CachedFile.Check(block, buffer.AsSpan(0, read));
            count++;
        }
        while (!watch.IsOver);

        return count;
    }
}
