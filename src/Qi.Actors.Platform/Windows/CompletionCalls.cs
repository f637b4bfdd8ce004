using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform.Windows;

/// <summary>Completion ports, and what reads and writes handles that are no sockets.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class CompletionCalls
{
    /// <summary>ERROR_BROKEN_PIPE: the other end of a pipe is closed.</summary>
    internal const int BrokenPipe = 109;

    /// <summary>ERROR_HANDLE_EOF: the offset is at the end of the file, or after it.</summary>
    internal const int EndOfFile = 38;

    /// <summary>ERROR_WRITE_FAULT: the device does not go on.</summary>
    internal const int WriteFault = 29;

    /// <summary>WAIT_TIMEOUT.</summary>
    internal const int TimedOut = 258;

    /// <summary>ERROR_IO_PENDING, and of sockets WSA_IO_PENDING: a packet will tell.</summary>
    internal const int Pending = 997;

    /// <summary>The whole time that a wait can last at once, short of for ever.</summary>
    internal const uint Infinite = uint.MaxValue;

    /// <summary>FILE_SKIP_COMPLETION_PORT_ON_SUCCESS and FILE_SKIP_SET_EVENT_ON_HANDLE.</summary>
    internal const byte SkipOnSuccess = 3;

    /// <summary>Makes a port (of file -1 and port 0), or has the packets of a handle come to one. 0 if refused.</summary>
    [LibraryImport("kernel32", EntryPoint = "CreateIoCompletionPort", SetLastError = true)]
    internal static partial nint CreatePort(nint file, nint port, nuint key, uint threads);

    /// <summary>Takes packets, waiting for the first. 0 if there are none.</summary>
    [LibraryImport("kernel32", EntryPoint = "GetQueuedCompletionStatusEx", SetLastError = true)]
    internal static partial int TakePackets(nint port, CompletionPacket* packets, uint room, uint* taken, uint timeoutMs, int isAlertable);

    /// <summary>Puts a packet of one's own into a port.</summary>
    [LibraryImport("kernel32", EntryPoint = "PostQueuedCompletionStatus", SetLastError = true)]
    internal static partial int Post(nint port, uint bytes, nuint key, NativeOverlapped* overlapped);

    /// <summary>IoCompletionBasicInformation (class 0): how many packets wait in a port. The only way to ask without taking one.</summary>
    [LibraryImport("ntdll", EntryPoint = "NtQueryIoCompletion")]
    internal static partial int QueryPort(nint port, int kind, int* depth, uint length, uint* answered);

    /// <summary>What a status of the kernel is as an error number.</summary>
    [LibraryImport("ntdll", EntryPoint = "RtlNtStatusToDosError")]
    internal static partial int ErrorOfStatus(int status);

    /// <summary>Has the system send no packet for what succeeds at once.</summary>
    [LibraryImport("kernel32", EntryPoint = "SetFileCompletionNotificationModes", SetLastError = true)]
    internal static partial int SetModes(nint file, byte modes);

    /// <summary>Asks for the end of one operation, begun by any thread.</summary>
    [LibraryImport("kernel32", EntryPoint = "CancelIoEx", SetLastError = true)]
    internal static partial int Cancel(nint file, NativeOverlapped* overlapped);

    [LibraryImport("kernel32", EntryPoint = "CloseHandle", SetLastError = true)]
    internal static partial int Close(nint handle);

    [LibraryImport("kernel32", EntryPoint = "ReadFile", SetLastError = true)]
    internal static partial int Read(nint file, byte* buffer, uint length, uint* done, NativeOverlapped* overlapped);

    [LibraryImport("kernel32", EntryPoint = "WriteFile", SetLastError = true)]
    internal static partial int Write(nint file, byte* buffer, uint length, uint* done, NativeOverlapped* overlapped);

    /// <summary>How many bytes a pipe holds.</summary>
    [LibraryImport("kernel32", EntryPoint = "PeekNamedPipe", SetLastError = true)]
    internal static partial int PeekPipe(nint pipe, void* buffer, uint length, uint* done, uint* available, uint* leftOfMessage);
}

/// <summary><c>OVERLAPPED_ENTRY</c>: what a port says of one operation.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CompletionPacket
{
    internal nuint Key;
    internal NativeOverlapped* Overlapped;
    internal nuint Reserved;
    internal uint Bytes;
}
