using System.Net.Sockets;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>How a socket of datagrams is set up.</summary>
public sealed record DatagramOptions
{
    /// <summary>Whether it may send to broadcast addresses. Default false.</summary>
    public bool Broadcast { get; init; }

    /// <summary>Whether other sockets may share the address; the system shares out what arrives. Default false.</summary>
    public bool ReusePort { get; init; }

    /// <summary>Whether a socket at an IPv6 address takes IPv4 too; IPv4 senders then show as mapped addresses. Default true.</summary>
    public bool DualMode { get; init; } = true;

    /// <summary>The system's receive buffer. <b>Units</b>: bytes. Null, the default: the system decides; else 1 KiB to 1 GiB.</summary>
    public int? ReceiveBufferBytes { get; init; }

    /// <summary>The system's send buffer. <b>Units</b>: bytes. Null, the default: the system decides; else 1 KiB to 1 GiB.</summary>
    public int? SendBufferBytes { get; init; }

    internal static DatagramOptions Default { get; } = new();

    internal void Validate()
    {
        SocketOptions.CheckBuffer(ReceiveBufferBytes, nameof(ReceiveBufferBytes));
        SocketOptions.CheckBuffer(SendBufferBytes, nameof(SendBufferBytes));
    }

    internal void ApplyTo(IoHandle socket, AddressFamily family)
    {
        if (Broadcast)
            NativeSockets.SetOption(socket, NativeSocketOption.Broadcast, 1);
        if (ReusePort)
            NativeSockets.SetOption(socket, NativeSocketOption.ReusePort, 1);
        if (family == AddressFamily.InterNetworkV6)
            NativeSockets.SetOption(socket, NativeSocketOption.Ipv6Only, DualMode ? 0 : 1);
        if (ReceiveBufferBytes is { } receive)
            NativeSockets.SetOption(socket, NativeSocketOption.ReceiveBufferBytes, receive);
        if (SendBufferBytes is { } send)
            NativeSockets.SetOption(socket, NativeSocketOption.SendBufferBytes, send);
    }
}
