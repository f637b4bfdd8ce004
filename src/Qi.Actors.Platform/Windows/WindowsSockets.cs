// The Windows half of NativeSockets. What fails has the negative of 1 as its result, and the last error.

using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform.Windows;

/// <summary>Making sockets, their options, and looking at them.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe class WindowsSockets
{
    private const int Tcp = 6;
    private const int Ipv6 = 41;
    private const int NoSuchOption = 10042; // WSAENOPROTOOPT

    /// <summary><c>struct linger</c>: shorter than that of Unix.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Linger
    {
        internal ushort IsOn;
        internal ushort Seconds;
    }

    /// <summary>Makes a socket. One of datagrams does not hear of datagrams that were refused until it is connected: as on Unix.</summary>
    internal static nint Open(int family, SocketType type)
    {
        nint socket = WinsockCalls.Open(family, type == SocketType.Stream ? 1 : 2);
        if (socket == -1)
            throw new SocketException(Marshal.GetLastPInvokeError());
        if (type != SocketType.Stream)
            WinsockCalls.TellRefusals(socket, areTold: false);
        return socket;
    }

    /// <summary>Connects a socket of datagrams.</summary>
    internal static int Connect(nint socket, byte* address, int addressLength)
    {
        int result = WinsockCalls.Connect(socket, address, addressLength);
        int error = Marshal.GetLastPInvokeError();
        if (result == 0)
            WinsockCalls.TellRefusals(socket, areTold: true);
        Marshal.SetLastPInvokeError(error);
        return result;
    }

    internal static int SetOption(nint socket, NativeSocketOption option, int value)
    {
        if (option == NativeSocketOption.ReuseAddress)
            return 0; // so it is anyway; SO_REUSEADDR would let others take the address away
        if (!TryNumber(option, out int level, out int name))
            return -1;
        if (option != NativeSocketOption.LingerSeconds)
            return WinsockCalls.SetOption(socket, level, name, &value, sizeof(int));
        Linger linger = new() { IsOn = value >= 0 ? (ushort)1 : (ushort)0, Seconds = (ushort)Math.Clamp(value, 0, ushort.MaxValue) };
        return WinsockCalls.SetOption(socket, level, name, &linger, sizeof(Linger));
    }

    internal static int GetOption(nint socket, NativeSocketOption option, out int value)
    {
        value = option == NativeSocketOption.ReuseAddress ? 1 : 0;
        if (value != 0)
            return 0;
        if (!TryNumber(option, out int level, out int name))
            return -1;
        int answer = 0;
        int length = sizeof(int); // a whole linger too
        int result = WinsockCalls.GetOption(socket, level, name, &answer, &length);
        value = answer;
        if (option == NativeSocketOption.LingerSeconds)
            value = ((Linger*)&answer)->IsOn != 0 ? ((Linger*)&answer)->Seconds : -1;
        return result;
    }

    /// <summary>Whether a read would not wait.</summary>
    internal static bool IsReadable(nint socket)
    {
        WinsockCalls.PollEntry entry = new() { Socket = socket, Wanted = WinsockCalls.PollEntry.In };
        return WinsockCalls.Poll(&entry, 1, 0) != 0;
    }

    private static bool TryNumber(NativeSocketOption option, out int level, out int name)
    {
        (level, name) = option switch
        {
            NativeSocketOption.KeepAlive => (WinsockCalls.SocketLevel, 8),
            NativeSocketOption.KeepAliveIdleSeconds => (Tcp, 3),
            NativeSocketOption.KeepAliveIntervalSeconds => (Tcp, 17),
            NativeSocketOption.KeepAliveProbes => (Tcp, 16),
            NativeSocketOption.NoDelay => (Tcp, 1),
            NativeSocketOption.Ipv6Only => (Ipv6, 27),
            NativeSocketOption.ReceiveBufferBytes => (WinsockCalls.SocketLevel, 0x1002),
            NativeSocketOption.SendBufferBytes => (WinsockCalls.SocketLevel, 0x1001),
            NativeSocketOption.LingerSeconds => (WinsockCalls.SocketLevel, 0x80),
            NativeSocketOption.Broadcast => (WinsockCalls.SocketLevel, 0x20),
            NativeSocketOption.Error => (WinsockCalls.SocketLevel, 0x1007),
            NativeSocketOption.ReusePort => (-1, -1),
            _ => throw new ArgumentOutOfRangeException(nameof(option), option, "There is no such option."),
        };
        if (name < 0)
            Marshal.SetLastPInvokeError(NoSuchOption);
        return name >= 0;
    }
}
