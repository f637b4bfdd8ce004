using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Qi.Actors.Platform.Linux;
using Qi.Actors.Platform.Windows;

namespace Qi.Actors.Platform;

/// <summary>Which cores the calling thread may run on.</summary>
/// <remarks>
/// <b>Threads</b>: every member but <see cref="ProcessCores"/> acts on the calling thread; pin only threads that you created,
/// never those of the thread pool. <b>Cost</b>: a system call each. <b>Source</b>: <c>sched_setaffinity(2)</c> on Linux,
/// <c>SetThreadAffinityMask</c> on Windows (cores 0 to 63 of the thread's processor group); macOS has no such call.
/// </remarks>
public static unsafe class Affinity
{
    // Room for 1,024 cores, then doubled while the kernel says that its own mask is larger.
    private const int FirstMaskWords = 16;
    private const int LargestMaskWords = 1_024;

    /// <summary>Whether threads can be pinned on this operating system.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() || OperatingSystem.IsWindows();

    /// <summary>Confines the calling thread to one core.</summary>
    /// <returns>False if the operating system cannot do that; the thread then runs where it did.</returns>
    /// <exception cref="PlatformException">There is no such core, or this process may not use it.</exception>
    public static bool PinCurrentThread(int core)
    {
        if (!IsSupported)
        {
            return false;
        }

        int highest = OperatingSystem.IsWindows() ? nuint.Size * 8 : LargestMaskWords * 64;
        if (core < 0 || core >= highest)
        {
            throw Refused(0, [core]);
        }

        ulong[] words = new ulong[Math.Max(FirstMaskWords, (core / 64) + 1)];
        words[core / 64] = 1UL << (core % 64);
        SetMask(words, [core]);
        return true;
    }

    /// <summary>
    /// The cores that the calling thread may run on, ascending; those of the process where threads cannot be pinned.
    /// </summary>
    /// <exception cref="PlatformException">The operating system refused to tell.</exception>
    public static IReadOnlyList<int> GetCurrentThread()
        => OperatingSystem.IsLinux() ? ToCores(GetMaskLinux(0))
            : OperatingSystem.IsWindows() ? ToCores([GetMaskWindows()])
            : ProcessCores();

    /// <summary>
    /// Confines the calling thread to the given cores: normally what <see cref="GetCurrentThread"/> returned before.
    /// </summary>
    /// <returns>False if the operating system cannot do that.</returns>
    /// <exception cref="ArgumentException"><paramref name="cores"/> is empty.</exception>
    /// <exception cref="PlatformException">None of the cores exists, or this process may not use them.</exception>
    public static bool SetCurrentThread(IReadOnlyList<int> cores)
    {
        ArgumentNullException.ThrowIfNull(cores);
        if (cores.Count == 0)
        {
            throw new ArgumentException("A thread cannot run on no core. Name at least one.", nameof(cores));
        }

        if (!IsSupported)
        {
            return false;
        }

        int highest = OperatingSystem.IsWindows() ? nuint.Size * 8 : LargestMaskWords * 64;
        ulong[] words = new ulong[Math.Max(FirstMaskWords, (Math.Min(cores.Max(), highest) / 64) + 1)];
        foreach (int core in cores)
        {
            if (core < 0 || core >= highest)
            {
                throw Refused(0, cores);
            }

            words[core / 64] |= 1UL << (core % 64);
        }

        SetMask(words, cores);
        return true;
    }

    /// <summary>
    /// The cores that this process was started with, ascending, whatever the calling thread has been pinned to.
    /// </summary>
    /// <remarks>On Linux those of the process's first thread.</remarks>
    public static IReadOnlyList<int> ProcessCores()
    {
        if (OperatingSystem.IsLinux())
        {
            return ToCores(GetMaskLinux(Environment.ProcessId));
        }

        if (OperatingSystem.IsWindows() && Environment.ProcessorCount <= nuint.Size * 8)
        {
            using Process self = Process.GetCurrentProcess();
            int[] cores = ToCores([(ulong)(nuint)self.ProcessorAffinity]);
            if (cores.Length > 0)
            {
                return cores;
            }
        }

        return [.. Enumerable.Range(0, Environment.ProcessorCount)];
    }

    private static void SetMask(ulong[] words, IReadOnlyList<int> cores)
    {
        int error = OperatingSystem.IsLinux() ? SetMaskLinux(words)
            : OperatingSystem.IsWindows() ? SetMaskWindows((nuint)words[0])
            : 0;
        if (error != 0)
        {
            throw Refused(error, cores);
        }
    }

    [SupportedOSPlatform("linux")]
    private static int SetMaskLinux(ulong[] words)
    {
        fixed (ulong* mask = words)
        {
            int result = Syscalls.SchedSetAffinity(0, (nuint)words.Length * sizeof(ulong), mask);
            return result == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    [SupportedOSPlatform("windows")]
    private static int SetMaskWindows(nuint mask)
        => NativeMethods.SetThreadAffinityMask(NativeMethods.GetCurrentThread(), mask) != 0 ? 0 : Marshal.GetLastPInvokeError();

    [SupportedOSPlatform("linux")]
    private static ulong[] GetMaskLinux(int threadId)
    {
        for (int length = FirstMaskWords; ; length *= 2)
        {
            ulong[] words = new ulong[length];
            int error;
            fixed (ulong* mask = words)
            {
                error = Syscalls.SchedGetAffinity(threadId, (nuint)length * sizeof(ulong), mask) == 0
                    ? 0
                    : Marshal.GetLastPInvokeError();
            }

            if (error == 0)
            {
                return words;
            }

            if (error != Syscalls.EINVAL || length >= LargestMaskWords)
            {
                throw new PlatformException(
                    "sched_getaffinity",
                    error,
                    $"The cores of thread {threadId} could not be read",
                    "Allow the call in the sandbox (seccomp) profile of this process.");
            }
        }
    }

    // Windows has no call that reads a thread's mask; setting one tells the one before.
    [SupportedOSPlatform("windows")]
    private static ulong GetMaskWindows()
    {
        nint thread = NativeMethods.GetCurrentThread();
        ulong all = 0;
        foreach (int core in ProcessCores())
        {
            all |= 1UL << (core % 64);
        }

        nuint before = NativeMethods.SetThreadAffinityMask(thread, (nuint)all);
        if (before == 0)
        {
            throw Refused(Marshal.GetLastPInvokeError(), ProcessCores());
        }

        _ = NativeMethods.SetThreadAffinityMask(thread, before);
        return before;
    }

    private static int[] ToCores(ulong[] words)
    {
        List<int> cores = [];
        for (int index = 0; index < words.Length; index++)
        {
            for (ulong rest = words[index]; rest != 0; rest &= rest - 1)
            {
                cores.Add((index * 64) + BitOperations.TrailingZeroCount(rest));
            }
        }

        return [.. cores];
    }

    private static PlatformException Refused(int error, IReadOnlyList<int> cores)
        => new(
            OperatingSystem.IsWindows() ? "SetThreadAffinityMask" : "sched_setaffinity",
            error,
            $"The calling thread cannot be confined to core {string.Join(", ", cores)}",
            $"Use cores that this process may run on: {string.Join(", ", ProcessCores())}.");
}
