// The system calls of Linux that this floor makes. Everything here is an ordinary P/Invoke: the thread is in preemptive mode
// during the call, so a thread that waits in the kernel never holds up a garbage collection. None of them may be given
// SuppressGCTransition.
//
// syscall(2) is variadic in C. On the 64-bit Linux calling conventions (x64, ARM64, RISC-V) integer arguments of a variadic
// call travel exactly as those of an ordinary one, so that a fixed signature is right; on 32-bit ARM and x86 too, as long as
// every argument is one register wide, which nint guarantees.

using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform.Linux;

/// <summary>A time span as the kernel reads it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Timespec
{
    public nint Seconds;
    public nint Nanoseconds;
}

[SupportedOSPlatform("linux")]
internal static unsafe partial class Syscalls
{
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EINVAL = 22;
    internal const int ETIMEDOUT = 110;

    private const int FutexWaitPrivate = 0 | 128;
    private const int FutexWakePrivate = 1 | 128;

    private static readonly nint s_futexNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.X86 or Architecture.Arm or Architecture.Armv6 => 240,
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => 98,
        Architecture.S390x => 238,
        Architecture.Ppc64le => 221,
        _ => 0,
    };

    /// <summary>Whether the number of the futex call is known for this processor.</summary>
    internal static bool HasFutex => s_futexNumber != 0;

    /// <summary>Sets the cores that a thread may run on; 0 is the calling thread. 0, or -1 and errno.</summary>
    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    internal static partial int SchedSetAffinity(int threadId, nuint maskBytes, void* mask);

    /// <summary>Gets the cores that a thread may run on; 0 is the calling thread. 0, or -1 and errno.</summary>
    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    internal static partial int SchedGetAffinity(int threadId, nuint maskBytes, void* mask);

    /// <summary>
    /// Sleeps while the word holds <paramref name="expected"/>, until woken or <paramref name="timeout"/> (null: for ever).
    /// </summary>
    /// <returns>0 if woken, else the error number: EAGAIN (the word differs), EINTR, ETIMEDOUT.</returns>
    internal static int FutexWait(int* word, int expected, Timespec* timeout)
    {
        nint result = FutexWaitCall(s_futexNumber, word, FutexWaitPrivate, expected, timeout, null, 0);
        return result >= 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Wakes at most one thread that sleeps on the word; returns how many.</summary>
    internal static int FutexWakeOne(int* word) => (int)FutexWakeCall(s_futexNumber, word, FutexWakePrivate, 1, null, null, 0);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint FutexWaitCall(
        nint number, int* word, nint operation, nint expected, Timespec* timeout, int* unusedWord, nint unusedValue);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint FutexWakeCall(
        nint number, int* word, nint operation, nint count, Timespec* unusedTimeout, int* unusedWord, nint unusedValue);
}
