// From the kernel's memory into new pages of it: no disk is waited for. Whether the copy is right is looked at when the time has been taken.

using Qi.Actors.IO;

namespace Qi.Actors.Workloads.Files;

/// <summary>A copy of a large file from its beginning to its end, by the kernel and through the program.</summary>
public static class FileCopy
{
    /// <summary>512 MiB in pieces of 64 KiB.</summary>
    public static Workload Workload { get; } = new(
        "file-copy",
        "piece",
        8192,
        static size => size,
        Rendering.Measuring("Qi", static (system, size) => Copy(size, (from, to) => FileTree.CopyAsync(system, from, to))),
        Rendering.Measuring("Qi stream", static (system, size) => Copy(size, (from, to) => system.Spawn(Through(system, from, to)).AsTask())),
        Rendering.Measuring("File.Copy", static (_, size) => Copy(size, CopyByFramework)),
        Rendering.Measuring("FileStream", static (_, size) => Copy(size, ThroughFramework)));

    private const int BlocksOfAPiece = 64 * 1024 / CachedFile.BlockBytes;

    private static Outcome Copy(int pieces, Func<string, string, Task> copy)
    {
        using var file = new CachedFile(pieces * BlocksOfAPiece);
        string to = file.Location + ".copy";
        try
        {
            var meter = Meter.Start();
            copy(file.Location, to).GetAwaiter().GetResult();
            var spent = meter.Stop();
            return new Outcome(file.CountEqual(to) / BlocksOfAPiece) { Spent = spent };
        }
        finally
        {
            File.Delete(to);
        }
    }

    private static async Coroutine Through(ActorSystem system, string from, string to)
    {
        await using var source = await AsyncFile.OpenAsync(system, from);
        await using var target = await AsyncFile.OpenAsync(system, to, FileMode.CreateNew, FileAccess.Write);
        await source.AsStream().CopyToAsync(target.AsStream());
    }

    private static Task CopyByFramework(string from, string to)
    {
        File.Copy(from, to);
        return Task.CompletedTask;
    }

    private static async Task ThroughFramework(string from, string to)
    {
        var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        await using (source.ConfigureAwait(false))
        {
            var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
            await using (target.ConfigureAwait(false))
                await source.CopyToAsync(target).ConfigureAwait(false);
        }
    }
}
