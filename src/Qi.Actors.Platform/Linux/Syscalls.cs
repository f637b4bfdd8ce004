// The system calls of Linux that this floor makes. Everything here is an ordinary P/Invoke: the thread is in preemptive mode
// during the call, so a thread that waits in the kernel never holds up a garbage collection. None of them may be given
// SuppressGCTransition.
//
// syscall(2) is variadic in C. On the 64-bit Linux calling conventions (x64, ARM64, RISC-V) integer arguments of a variadic
// call travel exactly as those of an ordinary one, so that a fixed signature is right; on 32-bit ARM and x86 too, as long as
// every argument is one register wide, which nint guarantees.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Linux;

/// <summary>An event of epoll. The kernel packs it on x64, and nowhere else: so it is read through its offsets.</summary>
internal unsafe struct EpollEvent
{
    internal const uint In = 1;
    internal const uint Urgent = 2;
    internal const uint Out = 4;
    internal const uint Error = 8;
    internal const uint HangUp = 16;
    internal const uint ReadHangUp = 0x2000;
    internal const uint EdgeTriggered = 1U << 31;

    private fixed byte _bytes[16];

    /// <summary>How far apart two events are.</summary>
    internal static int Size { get; } = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    internal static uint FlagsOf(byte* entry) => *(uint*)entry;

    internal static ulong DataOf(byte* entry) => Unsafe.ReadUnaligned<ulong>(entry + Size - sizeof(ulong));

    internal static EpollEvent Of(uint flags, ulong data)
    {
        var made = default(EpollEvent);
        *(uint*)made._bytes = flags;
        Unsafe.WriteUnaligned(made._bytes + Size - sizeof(ulong), data);
        return made;
    }
}

[SupportedOSPlatform("linux")]
internal static unsafe partial class Syscalls
{
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EINVAL = 22;
    internal const int ENOMEM = 12;
    internal const int EBUSY = 16;
    internal const int ETIME = 62;
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

    /// <summary>The number of a call on this processor, if it is x64 or one of the later ones, which share their numbers; else 0.</summary>
    internal static nint NumberOf(nint x64, nint unified) => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => x64,
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => unified,
        _ => 0,
    };

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

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int EpollControl(int epoll, int operation, int descriptor, EpollEvent* change);

    /// <summary>Waits for events. <b>Units</b>: milliseconds.</summary>
    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    internal static partial int EpollWait(int epoll, EpollEvent* events, int capacity, int timeoutMs);

    /// <summary>Takes the events that are there. <paramref name="timeoutMs"/> must be 0: the thread stays in cooperative mode.</summary>
    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    [SuppressGCTransition]
    internal static partial int EpollWaitNow(int epoll, EpollEvent* events, int capacity, int timeoutMs);

    /// <summary>Waits for events, with a finer time-out; null for ever. Since Linux 5.11; ENOSYS before.</summary>
    internal static int EpollWait(int epoll, EpollEvent* events, int capacity, Timespec* timeout)
        => (int)EpollWaitCall(EpollWait2Number, epoll, events, capacity, timeout, null, 0);

    /// <summary>Makes a counter that can be waited for.</summary>
    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventCounter(uint initial, int flags);

    // The same on every processor: it came after the numbers were unified.
    private const int EpollWait2Number = 441;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint EpollWaitCall(
        nint number, nint epoll, EpollEvent* events, nint capacity, Timespec* timeout, void* signals, nint signalsBytes);
}
