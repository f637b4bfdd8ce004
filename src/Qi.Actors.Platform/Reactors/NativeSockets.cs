// What sockets need beside operations: making, binding, options, addresses. Addresses are in the operating system's form, as SocketAddress.Buffer has them.

using System.Net.Sockets;
using System.Runtime.InteropServices;

using Qi.Actors.Platform.Unix;
using Qi.Actors.Platform.Windows;

namespace Qi.Actors.Platform;

/// <summary>The options of sockets that the runtime sets.</summary>
public enum NativeSocketOption
{
    /// <summary>SO_REUSEADDR: an address may be bound again at once after its last socket was closed. On Windows that is so anyway, and nothing is set.</summary>
    ReuseAddress,

    /// <summary>SO_REUSEPORT: several sockets may be bound to one address, and share what arrives. Windows has no such option, and refuses.</summary>
    ReusePort,

    /// <summary>SO_KEEPALIVE.</summary>
    KeepAlive,

    /// <summary>TCP_KEEPIDLE. <b>Units</b>: seconds.</summary>
    KeepAliveIdleSeconds,

    /// <summary>TCP_KEEPINTVL. <b>Units</b>: seconds.</summary>
    KeepAliveIntervalSeconds,

    /// <summary>TCP_KEEPCNT.</summary>
    KeepAliveProbes,

    /// <summary>TCP_NODELAY.</summary>
    NoDelay,

    /// <summary>IPV6_V6ONLY: 0 for both families in one socket.</summary>
    Ipv6Only,

    /// <summary>SO_RCVBUF. <b>Units</b>: bytes.</summary>
    ReceiveBufferBytes,

    /// <summary>SO_SNDBUF. <b>Units</b>: bytes.</summary>
    SendBufferBytes,

    /// <summary>SO_LINGER. <b>Units</b>: seconds; negative for none.</summary>
    LingerSeconds,

    /// <summary>SO_BROADCAST.</summary>
    Broadcast,

    /// <summary>SO_ERROR, which can be read only.</summary>
    Error,
}

/// <summary>Sockets of the operating system, as handles for a reactor.</summary>
/// <remarks><b>Threads</b>: any. Every method throws <see cref="SocketException"/> if the operating system refuses.</remarks>
public static unsafe class NativeSockets
{
    /// <summary>Room for an address of any family. <b>Units</b>: bytes.</summary>
    public const int MostAddressBytes = 128;

    /// <summary>Makes a socket; returns its descriptor, which nobody owns yet.</summary>
    /// <param name="family">The address family.</param>
    /// <param name="type">Stream or datagram.</param>
    /// <param name="isNonBlocking">As <see cref="Reactor.IsNonBlocking"/>.</param>
    public static nint Open(AddressFamily family, SocketType type, bool isNonBlocking)
    {
        if (OperatingSystem.IsWindows())
            return WindowsSockets.Open(NumberOf(family), type);
        int descriptor = UnixSockets.Open(NumberOf(family), type == SocketType.Stream ? 1 : 2, isNonBlocking);
        return descriptor >= 0 ? descriptor : throw Failed();
    }

    /// <summary>Closes a descriptor: once, by its owner.</summary>
    public static void Close(nint descriptor)
    {
        if (OperatingSystem.IsWindows())
            _ = WinsockCalls.Close(descriptor);
        else
            _ = UnixCalls.Close((int)descriptor);
    }

    /// <summary>Binds a socket to an address.</summary>
    public static void Bind(IoHandle socket, ReadOnlySpan<byte> address)
    {
        nint own = DescriptorOf(socket);
        fixed (byte* start = address)
        {
            Check(socket, OperatingSystem.IsWindows() ? WinsockCalls.Bind(own, start, address.Length) : UnixCalls.Bind((int)own, start, address.Length));
        }
    }

    /// <summary>Connects a socket that need not wait for it: one of datagrams.</summary>
    public static void Connect(IoHandle socket, ReadOnlySpan<byte> address)
    {
        nint own = DescriptorOf(socket);
        fixed (byte* start = address)
        {
            Check(socket, OperatingSystem.IsWindows() ? WindowsSockets.Connect(own, start, address.Length) : UnixCalls.Connect((int)own, start, address.Length));
        }
    }

    /// <summary>Has a socket listen.</summary>
    public static void Listen(IoHandle socket, int backlog)
    {
        nint own = DescriptorOf(socket);
        Check(socket, OperatingSystem.IsWindows() ? WinsockCalls.Listen(own, backlog) : UnixCalls.Listen((int)own, backlog));
    }

    /// <summary>Ends one direction of a connection, or both.</summary>
    public static void Shutdown(IoHandle socket, SocketShutdown how)
    {
        nint own = DescriptorOf(socket);
        Check(socket, OperatingSystem.IsWindows() ? WinsockCalls.Shutdown(own, (int)how) : UnixCalls.Shutdown((int)own, (int)how));
    }

    /// <summary>The address at this end. Returns its length.</summary>
    public static int GetLocalAddress(IoHandle socket, Span<byte> address)
    {
        nint own = DescriptorOf(socket);
        int length = address.Length;
        fixed (byte* start = address)
        {
            Check(socket, OperatingSystem.IsWindows() ? WinsockCalls.GetSocketName(own, start, &length) : UnixCalls.GetSocketName((int)own, start, &length));
        }

        return length;
    }

    /// <summary>The address at the other end. Returns its length.</summary>
    public static int GetPeerAddress(IoHandle socket, Span<byte> address)
    {
        nint own = DescriptorOf(socket);
        int length = address.Length;
        fixed (byte* start = address)
        {
            Check(socket, OperatingSystem.IsWindows() ? WinsockCalls.GetPeerName(own, start, &length) : UnixCalls.GetPeerName((int)own, start, &length));
        }

        return length;
    }

    /// <summary>Sets an option.</summary>
    public static void SetOption(IoHandle socket, NativeSocketOption option, int value)
    {
        ThrowIfUnknown(option); // before the descriptor is held
        nint own = DescriptorOf(socket);
        if (OperatingSystem.IsWindows())
        {
            Check(socket, WindowsSockets.SetOption(own, option, value));
            return;
        }

        var (level, name) = UnixSocketOptions.NumbersOf(option);
        if (option == NativeSocketOption.LingerSeconds)
        {
            UnixSocketOptions.Linger linger = new() { IsOn = value >= 0 ? 1 : 0, Seconds = Math.Max(0, value) };
            Check(socket, UnixCalls.SetOption((int)own, level, name, &linger, sizeof(UnixSocketOptions.Linger)));
            return;
        }

        Check(socket, UnixCalls.SetOption((int)own, level, name, &value, sizeof(int)));
    }

    /// <summary>Reads an option.</summary>
    public static int GetOption(IoHandle socket, NativeSocketOption option)
    {
        ThrowIfUnknown(option);
        nint own = DescriptorOf(socket);
        if (OperatingSystem.IsWindows())
        {
            Check(socket, WindowsSockets.GetOption(own, option, out int answer));
            return answer;
        }

        var (level, name) = UnixSocketOptions.NumbersOf(option);
        UnixSocketOptions.Linger value = default;
        int length = option == NativeSocketOption.LingerSeconds ? sizeof(UnixSocketOptions.Linger) : sizeof(int);
        Check(socket, UnixCalls.GetOption((int)own, level, name, &value, &length));
        if (option == NativeSocketOption.LingerSeconds)
            return value.IsOn != 0 ? value.Seconds : -1;
        return IsSwitch(option) && value.IsOn != 0 ? 1 : value.IsOn; // the BSDs tell a bit of theirs
    }

    /// <summary>Whether a read would not wait: there is data, the other end has ended, or the connection is broken.</summary>
    public static bool IsReadable(IoHandle socket)
    {
        nint own = DescriptorOf(socket);
        UnixCalls.PollEntry entry = new() { Descriptor = (int)own, Wanted = UnixCalls.PollEntry.In };
        bool isReadable = OperatingSystem.IsWindows() ? WindowsSockets.IsReadable(own) : UnixCalls.PollNow(&entry, 1, 0) != 0;
        socket.EndUse();
        return isReadable;
    }

    private static void ThrowIfUnknown(NativeSocketOption option)
    {
        if (!Enum.IsDefined(option))
            throw new ArgumentOutOfRangeException(nameof(option), option, "There is no such option of a socket: choose one of NativeSocketOption.");
    }

    private static bool IsSwitch(NativeSocketOption option)
        => option is NativeSocketOption.ReuseAddress or NativeSocketOption.ReusePort or NativeSocketOption.KeepAlive or NativeSocketOption.NoDelay
            or NativeSocketOption.Ipv6Only or NativeSocketOption.Broadcast;

    private static int NumberOf(AddressFamily family) => family switch
    {
        AddressFamily.InterNetwork => 2,
        AddressFamily.InterNetworkV6 when OperatingSystem.IsWindows() => 23,
        AddressFamily.InterNetworkV6 => SocketNumbers.Here.Ipv6Family,
        AddressFamily.Unix when !OperatingSystem.IsWindows() => 1,
        _ => throw new SocketException((int)SocketError.AddressFamilyNotSupported),
    };

    private static nint DescriptorOf(IoHandle socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ObjectDisposedException.ThrowIf(!socket.TryUse(), socket);
        return socket.Value;
    }

    private static void Check(IoHandle socket, int result)
    {
        int error = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        socket.EndUse();
        if (error != 0)
            throw new SocketException((int)IoErrors.ToSocketError(error));
    }

    private static SocketException Failed() => new((int)IoErrors.ToSocketError(Marshal.GetLastPInvokeError()));
}
