using System.Runtime.InteropServices;

namespace Qi.Actors.Platform;

/// <summary>Stands in for floor 0's, whose system calls are made by a generator: the crew is pinned by it, and nobody else.</summary>
public static unsafe class Affinity
{
    public static bool PinCurrentThread(int core)
    {
        if (!OperatingSystem.IsLinux() || core >= 64)
            return false;
        ulong mask = 1UL << core;
        return SetAffinity(0, sizeof(ulong), &mask) == 0;
    }

    public static IReadOnlyList<int> ProcessCores() => [.. Enumerable.Range(0, Environment.ProcessorCount)];

    [DllImport("libc", EntryPoint = "sched_setaffinity")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetAffinity(int threadId, nuint maskBytes, void* mask);
}
