// Tells from outside what a thread is doing. Linux says it in the third field of /proc/<process>/task/<thread>/stat: R for a thread
// that runs or waits for a core, S or D for one that sleeps in the kernel. Elsewhere nobody is asked, and the answer is "unknown".
//
// The path is found on the thread itself, through the link /proc/thread-self; it is read on whatever thread asks. A number that
// another thread has got since then is no harm: the one who asks knows that the thread lives.
//
// Rejected: the thread's CPU clock (a thread that waits for a core gets no CPU time either, and is not blocked) and schedstat (its
// waiting time is brought up to date only when the waiting ends).

namespace Qi.Actors.Platform;

/// <summary>Tells whether a thread runs or sleeps, for a watchdog on another thread.</summary>
/// <remarks><b>Threads</b>: made on the thread to be watched, asked on any. <b>Cost</b>: three system calls each time it is asked.</remarks>
public sealed class ThreadProbe
{
    // A process number, a name of at most 64 bytes in brackets, the state.
    private const int PrefixBytes = 128;

    private readonly string? _path;

    private ThreadProbe(string? path) => _path = path;

    /// <summary>A probe of the calling thread.</summary>
    public static ThreadProbe OfCurrentThread() => new(OperatingSystem.IsLinux() ? FindPath() : null);

    /// <summary>True if the thread runs or waits for a core, false if it sleeps; null if the system does not tell.</summary>
    public bool? IsRunnable()
    {
        if (_path is null)
        {
            return null;
        }

        try
        {
            using var file = File.OpenHandle(_path);
            Span<byte> prefix = stackalloc byte[PrefixBytes];
            return Parse(prefix[..RandomAccess.Read(file, prefix, 0)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // The thread has ended, or this process must not look.
        }
    }

    /// <summary>Reads the state out of the beginning of a stat file. The name may hold any character, brackets too.</summary>
    internal static bool? Parse(ReadOnlySpan<byte> stat)
    {
        int end = stat.LastIndexOf((byte)')');
        return end < 0 || end + 2 >= stat.Length ? null : stat[end + 2] == (byte)'R';
    }

    private static string? FindPath()
    {
        try
        {
            return new FileInfo("/proc/thread-self").LinkTarget is { } target ? $"/proc/{target}/stat" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
