// The three system calls of io_uring, by number (libc has no functions for them), and the mapping of memory. The numbers are the same on every processor that
// .NET runs on: they came after the numbers were unified.

using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Microsoft.Win32.SafeHandles;

namespace Qi.Actors.Platform.Linux;

[SupportedOSPlatform("linux")]
internal static unsafe partial class UringCalls
{
    private const int SetupNumber = 425;
    private const int EnterNumber = 426;
    private const int RegisterNumber = 427;

    /// <summary>Makes a ring. Its descriptor, which is closed on exec, or -1 and errno.</summary>
    internal static int Setup(uint entries, UringParameters* parameters) => (int)SetupCall(SetupNumber, (nint)entries, parameters);

    /// <summary>Submits and waits. How many were submitted, or -1 and errno.</summary>
    internal static int Enter(int ring, uint submissions, uint leastCompletions, uint flags, UringWaitArgument* argument)
        => (int)EnterCall(EnterNumber, ring, (nint)submissions, (nint)leastCompletions, (nint)flags, argument, argument is null ? 0 : sizeof(UringWaitArgument));

    internal static int Register(int ring, uint what, void* argument, uint count) => (int)RegisterCall(RegisterNumber, ring, (nint)what, argument, (nint)count);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SetupCall(nint number, nint entries, UringParameters* parameters);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint EnterCall(
        nint number, nint ring, nint submissions, nint leastCompletions, nint flags, UringWaitArgument* argument, nint argumentBytes);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint RegisterCall(nint number, nint ring, nint what, void* argument, nint count);
}

/// <summary>Memory that is shared with the kernel.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class UringMemory : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int ReadAndWrite = 3;
    private const int SharedAndPopulated = 0x1 | 0x8000;

    private readonly nuint _length;

    internal UringMemory(int ring, nuint length, long offset)
        : base(ownsHandle: true)
    {
        _length = length;
        SetHandle(UringCalls.Map(0, length, ReadAndWrite, SharedAndPopulated, ring, (nint)offset));
        Error = IsInvalid ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Why it could not be mapped, or 0.</summary>
    internal int Error { get; }

    internal byte* Start => (byte*)handle;

    protected override bool ReleaseHandle() => UringCalls.Unmap(handle, _length) == 0;
}
