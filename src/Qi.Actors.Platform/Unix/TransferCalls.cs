// The calls that move bytes. They are made again and again for each connection, so they do without two things that the others pay for:
//
//   errno      SetLastError has it cleared before a call, read after it and kept for the thread, each by a call of its own. Here it is read after a failure only: at the same
//              place and by the same call as the code that LibraryImport makes, so nothing can have changed it in between.
//   recv, send are cancellation points in the C library, which lets the thread be cancelled before and no more after, by an atomic operation each. .NET cancels no thread,
//              so on Linux they go by syscall(2). Its arguments travel as Linux/Syscalls says.
//
// A result is a count or the negative of the error number. As in UnixCalls, none may be given SuppressGCTransition.

using System.Runtime.InteropServices;

using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform.Unix;

internal static unsafe partial class TransferCalls
{
    private static readonly nint s_receiveNumber = OperatingSystem.IsLinux() ? Syscalls.NumberOf(x64: 45, unified: 207) : 0; // recvfrom
    private static readonly nint s_sendNumber = OperatingSystem.IsLinux() ? Syscalls.NumberOf(x64: 44, unified: 206) : 0; // sendto

    /// <summary>Reads from a socket.</summary>
    internal static int Receive(int socket, byte* buffer, nint length, int flags)
        => Outcome(s_receiveNumber != 0
            ? SystemCall(s_receiveNumber, socket, buffer, length, flags, 0, 0)
            : ReceiveCall(socket, buffer, length, flags));

    /// <summary>Writes to a socket.</summary>
    internal static int Send(int socket, byte* buffer, nint length, int flags)
        => Outcome(s_sendNumber != 0
            ? SystemCall(s_sendNumber, socket, buffer, length, flags, 0, 0)
            : SendCall(socket, buffer, length, flags));

    /// <summary>Reads a datagram and whom it comes from.</summary>
    internal static int ReceiveFrom(int socket, byte* buffer, nint length, int flags, byte* address, int* addressLength)
        => Outcome(ReceiveFromCall(socket, buffer, length, flags, address, addressLength));

    /// <summary>Sends a datagram to an address.</summary>
    internal static int SendTo(int socket, byte* buffer, nint length, int flags, byte* address, int addressLength)
        => Outcome(SendToCall(socket, buffer, length, flags, address, addressLength));

    /// <summary>Reads from a descriptor that is no socket.</summary>
    internal static int Read(int descriptor, byte* buffer, nint length) => Outcome(ReadCall(descriptor, buffer, length));

    /// <summary>Writes to a descriptor that is no socket.</summary>
    internal static int Write(int descriptor, byte* buffer, nint length) => Outcome(WriteCall(descriptor, buffer, length));

    /// <summary>Reads into several pieces.</summary>
    internal static int ReadVectored(int descriptor, IoVector* pieces, int count) => Outcome(ReadVectoredCall(descriptor, pieces, count));

    /// <summary>Writes from several pieces.</summary>
    internal static int WriteVectored(int descriptor, IoVector* pieces, int count) => Outcome(WriteVectoredCall(descriptor, pieces, count));

    /// <summary>What such a call has come to. A count fits: nobody asks for more than the length of a span, or of pieces that have so much together.</summary>
    internal static int Outcome(nint result) => result >= 0 ? (int)result : -Marshal.GetLastSystemError();

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint socket, byte* buffer, nint length, nint flags, nint noAddress, nint noLength);

    [LibraryImport("libc", EntryPoint = "recv")]
    private static partial nint ReceiveCall(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint SendCall(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recvfrom")]
    private static partial nint ReceiveFromCall(int socket, byte* buffer, nint length, int flags, byte* address, int* addressLength);

    [LibraryImport("libc", EntryPoint = "sendto")]
    private static partial nint SendToCall(int socket, byte* buffer, nint length, int flags, byte* address, int addressLength);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint ReadCall(int descriptor, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint WriteCall(int descriptor, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "readv")]
    private static partial nint ReadVectoredCall(int descriptor, IoVector* pieces, int count);

    [LibraryImport("libc", EntryPoint = "writev")]
    private static partial nint WriteVectoredCall(int descriptor, IoVector* pieces, int count);
}
