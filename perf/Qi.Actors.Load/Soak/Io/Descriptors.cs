namespace Qi.Actors.Load.Soak.Io;

/// <summary>The descriptors of this process by what they are. Linux only; elsewhere there seem to be none.</summary>
internal static class Descriptors
{
    private const string Folder = "/proc/self/fd";

    // Each thread of the framework's own sockets has an epoll, for good.
    private const string EngineThread = ".NET Sockets";

    /// <summary>What a soak of input and output looks at.</summary>
    public static RestGauge[] Gauges =>
    [
        new("sockets", static _ => CountOf("socket:"), RestPoints.Round | RestPoints.End),
        new("files that episodes have opened", static _ => CountOf(Scratch.Beginning), RestPoints.Round | RestPoints.End),
        new("queues of file changes", static _ => CountOf("anon_inode:inotify"), RestPoints.Round | RestPoints.End),
        new("counters of events", static _ => CountOf("anon_inode:[eventfd]"), RestPoints.Round | RestPoints.End, IsOfSystem: true),
        new("rings", static _ => CountOf("anon_inode:[io_uring]"), RestPoints.Round | RestPoints.End, IsOfSystem: true),
        new("epolls", static _ => CountOf("anon_inode:[eventpoll]") - OwnThreads.CountOfName(EngineThread), RestPoints.Round | RestPoints.End, IsOfSystem: true),
        new("pipes", static _ => CountOf("pipe:"), RestPoints.Round, IsOfSystem: true),
        new("descriptors", static _ => CountOf(""), RestPoints.Round, IsOfSystem: true),
        new("buffers in use", static system => system is null ? 0 : BuffersInUse(system), RestPoints.Round),
        new("timers", static system => system?.Statistics.TimersWaiting ?? 0, RestPoints.Round),
        new("threads of the system", static _ => OwnThreads.CountOf(SoakRun.SystemName), RestPoints.LastRest | RestPoints.End, IsOfSystem: true),
    ];

    /// <summary>How many there are whose target begins so.</summary>
    public static int CountOf(string beginning)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        int count = 0;
        foreach (string link in Directory.EnumerateFileSystemEntries(Folder))
        {
            if (TargetOf(link) is { } target && target.StartsWith(beginning, StringComparison.Ordinal) && !IsNobodys(target))
                count++;
        }

        return count;
    }

    // The folder that is being listed, and what the framework loads when it is first used.
    private static bool IsNobodys(string target)
        => target.EndsWith("/fd", StringComparison.Ordinal) || Path.GetExtension(target) is ".dll" or ".pdb" or ".so";

    // Null if it was closed meanwhile.
    private static string? TargetOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    // Those that another thread has returned count as in use until their owner looks.
    private static long BuffersInUse(ActorSystem system)
    {
        var statistics = IO.SystemBuffers.GetBuffers(system).GetStatistics();
        return statistics.Sizes.Sum(static size => (long)size.InUse) - statistics.ReturnsWaiting;
    }
}
