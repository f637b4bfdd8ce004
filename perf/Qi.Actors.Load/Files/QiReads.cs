using Microsoft.Extensions.Logging.Abstractions;

using Qi.Actors.IO;
using Qi.Actors.Platform;

namespace Qi.Actors.Load.Files;

/// <summary>A coroutine for each read that is under way, on one <see cref="AsyncFile"/>.</summary>
internal static class QiReads
{
    public static long Run(CachedFile file, Watch watch, int depth)
    {
        using var system = new ActorSystem(new QiActorsOptions { Name = "file-read" }, null, NullLoggerFactory.Instance);
        return ReadAsync(system, file, watch, depth).GetAwaiter().GetResult();
    }

    private static async Task<long> ReadAsync(ActorSystem system, CachedFile file, Watch watch, int depth)
    {
        await using var opened = await AsyncFile.OpenAsync(system, file.Location);
        long[] counts = await Task.WhenAll(Enumerable.Range(0, depth).Select(lane => system.Spawn(() => ReadOnLaneAsync(opened, file, watch, lane)).AsTask()));
        return counts.Sum();
    }

    private static async Coroutine<long> ReadOnLaneAsync(AsyncFile opened, CachedFile file, Watch watch, int lane)
    {
        var places = new Rng((ulong)lane);
        byte[] buffer = new byte[CachedFile.BlockBytes];
        long count = 0;
        do
        {
            uint block = places.Below((uint)file.Blocks);
            int read = await opened.ReadAtAsync(buffer, CachedFile.OffsetOf(block));
            CachedFile.Check(block, buffer.AsSpan(0, read));
            count++;
        }
        while (!watch.IsOver);

        return count;
    }
}
