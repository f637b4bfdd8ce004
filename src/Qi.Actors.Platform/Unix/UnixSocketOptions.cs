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

    /// <summary>Level and name of an option.</summary>
    internal static (int Level, int Name) NumbersOf(NativeSocketOption option)
    {
        bool isLinux = OperatingSystem.IsLinux();
        int socket = isLinux ? 1 : 0xFFFF;
        return option switch
        {
            NativeSocketOption.ReuseAddress => (socket, isLinux ? 2 : 4),
            NativeSocketOption.ReusePort => (socket, isLinux ? 15 : 0x200),
            NativeSocketOption.KeepAlive => (socket, isLinux ? 9 : 8),
            NativeSocketOption.KeepAliveIdleSeconds => (Tcp, isLinux ? 4 : 0x10),
            NativeSocketOption.KeepAliveIntervalSeconds => (Tcp, isLinux ? 5 : 0x101),
            NativeSocketOption.KeepAliveProbes => (Tcp, isLinux ? 6 : 0x102),
            NativeSocketOption.NoDelay => (Tcp, 1),
            NativeSocketOption.Ipv6Only => (Ipv6, isLinux ? 26 : 27),
            NativeSocketOption.ReceiveBufferBytes => (socket, isLinux ? 8 : 0x1002),
            NativeSocketOption.SendBufferBytes => (socket, isLinux ? 7 : 0x1001),
            NativeSocketOption.LingerSeconds => (socket, isLinux ? 13 : 0x80),
            NativeSocketOption.Broadcast => (socket, isLinux ? 6 : 0x20),
            NativeSocketOption.Error => (socket, isLinux ? 4 : 0x1007),
            _ => throw new ArgumentOutOfRangeException(nameof(option), option, "There is no such option."),
        };
    }
}
