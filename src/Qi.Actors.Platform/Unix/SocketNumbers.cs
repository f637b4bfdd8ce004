// What differs between the systems of the Unix family in the numbers of sockets: flags, families, and how the flags of a descriptor are set. The numbers of
// options are in UnixSocketOptions. Source: sys/socket.h and netinet/tcp.h of each system.

namespace Qi.Actors.Platform.Unix;

/// <summary>The numbers of sockets on one system.</summary>
internal sealed class SocketNumbers
{
    private static readonly SocketNumbers s_linux = new()
    {
        DontWait = 0x40,
        NoSignal = 0x4000,
        WholeLength = 0x20,
        CloseOnExecType = 0x80000,
        NonBlockingType = 0x800,
        Ipv6Family = 10,
        SocketLevel = 1,
        ErrorOption = 4,
        CloseOnExecRequest = 0x5451,
        NonBlockingRequest = 0x5421,
    };

    private static readonly SocketNumbers s_macOs = new()
    {
        DontWait = 0x80,
        Ipv6Family = 30,
        SocketLevel = 0xFFFF,
        ErrorOption = 0x1007,
        NoSignalOption = 0x1022,
        CloseOnExecRequest = 0x2000_6601,
        NonBlockingRequest = 0x8004_667E,
    };

    private static readonly SocketNumbers s_freeBsd = new()
    {
        DontWait = 0x80,
        NoSignal = 0x2_0000,
        CloseOnExecType = 0x1000_0000,
        NonBlockingType = 0x2000_0000,
        Ipv6Family = 28,
        SocketLevel = 0xFFFF,
        ErrorOption = 0x1007,
        CloseOnExecRequest = 0x2000_6601,
        NonBlockingRequest = 0x8004_667E,
    };

    private SocketNumbers()
    {
    }

    /// <summary>This system's.</summary>
    public static SocketNumbers Here { get; } = Of(UnixFlavors.Here);

    /// <summary>MSG_DONTWAIT.</summary>
    public required int DontWait { get; init; }

    /// <summary>MSG_NOSIGNAL: no signal if the other end is gone. 0 where there is no such flag: the descriptor has <see cref="NoSignalOption"/> then.</summary>
    public int NoSignal { get; private init; }

    /// <summary>MSG_TRUNC as a wish: a receive tells how long the datagram was, so that one that was cut off is known. 0 where there is no such wish.</summary>
    public int WholeLength { get; private init; }

    /// <summary>SOCK_CLOEXEC; 0 where the type of a socket has no room for flags.</summary>
    public int CloseOnExecType { get; private init; }

    /// <summary>SOCK_NONBLOCK; 0 where the type of a socket has no room for flags.</summary>
    public int NonBlockingType { get; private init; }

    /// <summary>AF_INET6. Those of IPv4 and of Unix sockets are 2 and 1 everywhere.</summary>
    public required int Ipv6Family { get; init; }

    /// <summary>SOL_SOCKET.</summary>
    public required int SocketLevel { get; init; }

    /// <summary>SO_ERROR.</summary>
    public required int ErrorOption { get; init; }

    /// <summary>SO_NOSIGPIPE, where it is needed; else 0.</summary>
    public int NoSignalOption { get; private init; }

    /// <summary>FIOCLEX, a request of <c>ioctl</c>.</summary>
    public required nuint CloseOnExecRequest { get; init; }

    /// <summary>FIONBIO, a request of <c>ioctl</c>.</summary>
    public required nuint NonBlockingRequest { get; init; }

    /// <summary>Those of a system.</summary>
    public static SocketNumbers Of(UnixFlavor flavor) => flavor switch
    {
        UnixFlavor.Linux => s_linux,
        UnixFlavor.MacOs => s_macOs,
        _ => s_freeBsd,
    };
}
