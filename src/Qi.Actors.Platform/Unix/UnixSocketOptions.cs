using System.Runtime.InteropServices;

namespace Qi.Actors.Platform.Unix;

/// <summary>The numbers of socket options: they differ between Linux and the BSDs.</summary>
internal static class UnixSocketOptions
{
    private const int Tcp = 6;
    private const int Ipv6 = 41;

    /// <summary><c>struct linger</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Linger
    {
        internal int IsOn;
        internal int Seconds;
    }

    /// <summary>Level and name of an option on this system.</summary>
    internal static (int Level, int Name) NumbersOf(NativeSocketOption option) => NumbersOf(option, UnixFlavors.Here);

    /// <summary>Level and name of an option. FreeBSD shares what arrives only with SO_REUSEPORT_LB, and SO_LINGER of macOS counts ticks: SO_LINGER_SEC does not.</summary>
    internal static (int Level, int Name) NumbersOf(NativeSocketOption option, UnixFlavor flavor)
    {
        int socket = SocketNumbers.Of(flavor).SocketLevel;
        return option switch
        {
            NativeSocketOption.ReuseAddress => (socket, Pick(2, 4, 4)),
            NativeSocketOption.ReusePort => (socket, Pick(15, 0x200, 0x1_0000)),
            NativeSocketOption.KeepAlive => (socket, Pick(9, 8, 8)),
            NativeSocketOption.KeepAliveIdleSeconds => (Tcp, Pick(4, 0x10, 0x100)),
            NativeSocketOption.KeepAliveIntervalSeconds => (Tcp, Pick(5, 0x101, 0x200)),
            NativeSocketOption.KeepAliveProbes => (Tcp, Pick(6, 0x102, 0x400)),
            NativeSocketOption.NoDelay => (Tcp, 1),
            NativeSocketOption.Ipv6Only => (Ipv6, Pick(26, 27, 27)),
            NativeSocketOption.ReceiveBufferBytes => (socket, Pick(8, 0x1002, 0x1002)),
            NativeSocketOption.SendBufferBytes => (socket, Pick(7, 0x1001, 0x1001)),
            NativeSocketOption.LingerSeconds => (socket, Pick(13, 0x1080, 0x80)),
            NativeSocketOption.Broadcast => (socket, Pick(6, 0x20, 0x20)),
            NativeSocketOption.Error => (socket, SocketNumbers.Of(flavor).ErrorOption),
            _ => throw new ArgumentOutOfRangeException(nameof(option), option, "There is no such option."),
        };

        int Pick(int linux, int macOs, int freeBsd) => flavor switch
        {
            UnixFlavor.Linux => linux,
            UnixFlavor.MacOs => macOs,
            _ => freeBsd,
        };
    }
}
