using System.Diagnostics;

namespace Qi.Actors.Load.Soak;

/// <summary>The threads of systems, by the name that the kernel knows them by. Linux only; elsewhere there seem to be none.</summary>
internal static class OwnThreads
{
    /// <summary>How many threads belong to systems of this name.</summary>
    public static int CountOf(string systemName) => CountOfName(systemName + "-");

    /// <summary>How many threads have a name that begins so.</summary>
    public static int CountOfName(string beginning)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        int count = 0;
        foreach (string folder in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "comm")).StartsWith(beginning, StringComparison.Ordinal))
                    count++;
            }
            catch (IOException)
            {
                // The thread has ended meanwhile.
            }
        }

        return count;
    }

    /// <summary>All threads of the process.</summary>
    public static int ProcessCount()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}
