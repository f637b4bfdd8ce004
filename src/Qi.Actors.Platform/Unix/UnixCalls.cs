// The calls on descriptors that Linux, macOS and the BSDs share. As in Linux/Syscalls, none may be given SuppressGCTransition if it may wait or copy much.

using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Unix;

internal static unsafe partial class UnixCalls
{
    /// <summary>Connects, or begins to.</summary>
    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    internal static partial int Connect(int socket, byte* address, int addressLength);

    /// <summary>Accepts a connection. Its descriptor inherits no flag on Linux; on the BSDs and macOS, whether it blocks.</summary>
    [LibraryImport("libc", EntryPoint = "accept", SetLastError = true)]
    internal static partial int Accept(int socket, byte* address, int* addressLength);

    /// <summary>Accepts a connection with flags for its descriptor. Not on macOS.</summary>
    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    internal static partial int AcceptWithFlags(int socket, byte* address, int* addressLength, int flags);

    /// <summary>Makes a socket.</summary>
    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    internal static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    internal static partial int Bind(int socket, byte* address, int addressLength);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    internal static partial int Listen(int socket, int backlog);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    internal static partial int Shutdown(int socket, int how);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    internal static partial int GetSocketName(int socket, byte* address, int* addressLength);

    [LibraryImport("libc", EntryPoint = "getpeername", SetLastError = true)]
    internal static partial int GetPeerName(int socket, byte* address, int* addressLength);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    internal static partial int SetOption(int socket, int level, int name, void* value, int length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int GetOption(int socket, int level, int name, void* value, int* length);

    /// <summary>Looks at descriptors without waiting. <paramref name="timeoutMs"/> must be 0.</summary>
    [LibraryImport("libc", EntryPoint = "poll")]
    [SuppressGCTransition]
    internal static partial int PollNow(PollEntry* entries, nuint count, int timeoutMs);

    /// <summary>Closes a descriptor. On Linux it is closed even if a signal came first.</summary>
    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    /// <summary>Another descriptor of the same. A program that is started inherits it until it is told not to.</summary>
    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    internal static partial int Duplicate(int descriptor);

    /// <summary>A request without a further argument, so that it does not matter how variadic ones travel.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Control(int descriptor, nuint request);

    /// <summary>A request with an argument: not on macOS on ARM64, where it would not arrive.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Control(int descriptor, nuint request, int* value);

    /// <summary>The same on macOS on ARM64: the argument is behind those that fill the eight registers, so on the stack, where the callee looks for it.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int ControlOnStack(
        int descriptor, nuint request, nint third, nint fourth, nint fifth, nint sixth, nint seventh, nint eighth, int* value);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        internal const short In = 1;
        internal const short Out = 4;

        internal int Descriptor;
        internal short Wanted;
        internal short Found;
    }
}
