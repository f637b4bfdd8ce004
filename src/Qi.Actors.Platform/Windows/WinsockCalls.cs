using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform.Windows;

/// <summary>Sockets of Windows. What fails has the negative of 1 as its result, and the last error.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class WinsockCalls
{
    internal const int SocketLevel = 0xFFFF;
    internal const int UpdateAcceptContext = 0x700B;
    internal const int UpdateConnectContext = 0x7010;

    /// <summary>MSG_PEEK.</summary>
    internal const uint Peek = 2;

    private const int Overlapped = 1;
    private const int AcceptsConnections = 2; // SO_ACCEPTCONN
    private const int NoHandleInherit = 0x80;
    private const int ProtocolInfo = 0x2005;
    private const uint IfsHandles = 0x20000;
    private const uint ResetOfDatagrams = 0x9800_000C; // SIO_UDP_CONNRESET
    private const ushort WantedVersion = 0x0202;
    private const int StartUpBytes = 512;

    // Winsock is started once for the process and never ended: sockets last until the process does.
    private static readonly int s_refusal = StartUp();

    /// <summary>Makes a socket that is good for overlapped operations and is not inherited by processes that are started.</summary>
    internal static nint Open(int family, int type)
    {
        if (s_refusal != 0)
            throw new SocketException(s_refusal);
        return Socket(family, type, 0, null, 0, Overlapped | NoHandleInherit);
    }

    /// <summary>Whether a datagram that was refused somewhere makes a later receive fail.</summary>
    internal static void TellRefusals(nint socket, bool areTold)
    {
        int value = areTold ? 1 : 0;
        uint answered;
        _ = Control(socket, ResetOfDatagrams, &value, sizeof(int), null, 0, &answered, null, 0);
    }

    /// <summary>The family of a socket, and whether its handle is one of the kernel's own, so that what succeeds at once may go without a packet.</summary>
    internal static bool TryDescribe(nint socket, out SocketTraits traits)
    {
        ProviderInfo info = default;
        int length = sizeof(ProviderInfo);
        bool isKnown = GetOption(socket, SocketLevel, ProtocolInfo, &info, &length) == 0;
        traits = new SocketTraits(info.AddressFamily, info.SocketType, (info.ServiceFlags1 & IfsHandles) != 0);
        return isKnown;
    }

    /// <summary>False if a socket is known to take no connections.</summary>
    internal static bool MayListen(nint socket)
    {
        int isListening = 0;
        int length = sizeof(int);
        return GetOption(socket, SocketLevel, AcceptsConnections, &isListening, &length) != 0 || isListening != 0;
    }

    [LibraryImport("ws2_32", EntryPoint = "WSAStartup")]
    private static partial int Start(ushort version, byte* answer);

    [LibraryImport("ws2_32", EntryPoint = "WSASocketW", SetLastError = true)]
    private static partial nint Socket(int family, int type, int protocol, void* provider, uint group, uint flags);

    [LibraryImport("ws2_32", EntryPoint = "closesocket", SetLastError = true)]
    internal static partial int Close(nint socket);

    [LibraryImport("ws2_32", EntryPoint = "bind", SetLastError = true)]
    internal static partial int Bind(nint socket, byte* address, int addressLength);

    [LibraryImport("ws2_32", EntryPoint = "connect", SetLastError = true)]
    internal static partial int Connect(nint socket, byte* address, int addressLength);

    [LibraryImport("ws2_32", EntryPoint = "listen", SetLastError = true)]
    internal static partial int Listen(nint socket, int backlog);

    [LibraryImport("ws2_32", EntryPoint = "shutdown", SetLastError = true)]
    internal static partial int Shutdown(nint socket, int how);

    [LibraryImport("ws2_32", EntryPoint = "getsockname", SetLastError = true)]
    internal static partial int GetSocketName(nint socket, byte* address, int* addressLength);

    [LibraryImport("ws2_32", EntryPoint = "getpeername", SetLastError = true)]
    internal static partial int GetPeerName(nint socket, byte* address, int* addressLength);

    [LibraryImport("ws2_32", EntryPoint = "setsockopt", SetLastError = true)]
    internal static partial int SetOption(nint socket, int level, int name, void* value, int length);

    [LibraryImport("ws2_32", EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int GetOption(nint socket, int level, int name, void* value, int* length);

    [LibraryImport("ws2_32", EntryPoint = "WSAIoctl", SetLastError = true)]
    internal static partial int Control(
        nint socket, uint request, void* input, uint inputLength, void* output, uint outputLength, uint* answered, NativeOverlapped* overlapped, nint routine);

    [LibraryImport("ws2_32", EntryPoint = "WSAPoll", SetLastError = true)]
    internal static partial int Poll(PollEntry* entries, uint count, int timeoutMs);

    [LibraryImport("ws2_32", EntryPoint = "WSARecv", SetLastError = true)]
    internal static partial int Receive(nint socket, WinsockBuffer* buffers, uint count, uint* done, uint* flags, NativeOverlapped* overlapped, nint routine);

    [LibraryImport("ws2_32", EntryPoint = "WSASend", SetLastError = true)]
    internal static partial int Send(nint socket, WinsockBuffer* buffers, uint count, uint* done, uint flags, NativeOverlapped* overlapped, nint routine);

    [LibraryImport("ws2_32", EntryPoint = "WSARecvFrom", SetLastError = true)]
    internal static partial int ReceiveFrom(
        nint socket, WinsockBuffer* buffers, uint count, uint* done, uint* flags, byte* address, int* addressLength, NativeOverlapped* overlapped, nint routine);

    [LibraryImport("ws2_32", EntryPoint = "WSASendTo", SetLastError = true)]
    internal static partial int SendTo(
        nint socket, WinsockBuffer* buffers, uint count, uint* done, uint flags, byte* address, int addressLength, NativeOverlapped* overlapped, nint routine);

    /// <summary>The result of an operation that has ended. 0 if it failed: then the last error says why, in the words of sockets.</summary>
    [LibraryImport("ws2_32", EntryPoint = "WSAGetOverlappedResult", SetLastError = true)]
    internal static partial int GetResult(nint socket, NativeOverlapped* overlapped, uint* done, int isToWait, uint* flags);

    private static int StartUp()
    {
        byte* answer = stackalloc byte[StartUpBytes];
        return Start(WantedVersion, answer);
    }

    /// <summary><c>WSAPOLLFD</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        internal const short In = 0x300;

        internal nint Socket;
        internal short Wanted;
        internal short Found;
    }

    /// <summary>The beginning of <c>WSAPROTOCOL_INFOW</c>, and room for its end.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 628)]
    private struct ProviderInfo
    {
        [FieldOffset(0)]
        internal uint ServiceFlags1;

        [FieldOffset(76)]
        internal int AddressFamily;

        [FieldOffset(88)]
        internal int SocketType;
    }
}

/// <summary>What is known of a socket that somebody else may have made.</summary>
internal readonly record struct SocketTraits(int Family, int Type, bool HasKernelHandle);

/// <summary><c>WSABUF</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct WinsockBuffer
{
    internal uint Length;
    internal byte* Start;
}
