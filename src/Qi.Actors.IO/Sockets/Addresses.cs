using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>Endpoints and the operating system's form of them.</summary>
internal static class Addresses
{
    /// <summary>The bytes of an endpoint, pinned. Names must be resolved before.</summary>
    public static (byte[] Bytes, int Length) Of(EndPoint endPoint)
    {
        var address = endPoint.Serialize();
        byte[] pinned = GC.AllocateArray<byte>(NativeSockets.MostAddressBytes, pinned: true);
        address.Buffer.Span[..address.Size].CopyTo(pinned);
        return (pinned, address.Size);
    }

    /// <summary>An endpoint that nobody else can change: the framework's other kinds never change.</summary>
    public static EndPoint CopyOf(EndPoint endPoint)
    {
        if (endPoint is not IPEndPoint)
            return endPoint;
        var address = endPoint.Serialize();
        return InternetAddresses.Read(address.Buffer.Span[..address.Size]);
    }

    /// <summary>The endpoint at this end of a socket.</summary>
    public static EndPoint LocalOf(IoHandle socket, AddressFamily family)
    {
        Span<byte> bytes = stackalloc byte[NativeSockets.MostAddressBytes];
        return Read(bytes[..NativeSockets.GetLocalAddress(socket, bytes)], family);
    }

    /// <summary>The endpoint at the other end of a connection.</summary>
    public static EndPoint PeerOf(IoHandle socket, AddressFamily family)
    {
        Span<byte> bytes = stackalloc byte[NativeSockets.MostAddressBytes];
        return Read(bytes[..NativeSockets.GetPeerAddress(socket, bytes)], family);
    }

    /// <summary>The endpoint of an address in the operating system's form.</summary>
    public static EndPoint Read(ReadOnlySpan<byte> bytes, AddressFamily family)
    {
        if (family != AddressFamily.Unix)
            return InternetAddresses.Read(bytes);
        if (bytes.Length <= sizeof(ushort) || bytes[sizeof(ushort)..].IndexOfAnyExcept((byte)0) < 0)
            return new UnixDomainSocketEndPoint("\0"); // a socket without a name; the BSDs tell one of nothing but zeros
        var address = new SocketAddress(family, Math.Max(bytes.Length, 16));
        bytes.CopyTo(address.Buffer.Span);
        address.Size = bytes.Length;
        return new UnixDomainSocketEndPoint("/").Create(address);
    }

    /// <summary>The file of a Unix socket's name; null if it has none.</summary>
    public static string? FileOf(EndPoint endPoint)
        => endPoint is UnixDomainSocketEndPoint && endPoint.ToString() is { Length: > 0 } name && name[0] is not ('@' or '\0') ? name : null;

    /// <summary>What the operating system says of a failure, as a sentence.</summary>
    public static string TextOf(SocketException failure) => failure.Message.TrimEnd('.') + ".";

    /// <summary>The addresses of a host in the order in which to try them: the families take turns, that of the first one first (RFC 8305, section 4).</summary>
    public static IReadOnlyList<EndPoint> Interleave(IReadOnlyList<IPAddress> addresses, int port)
    {
        var preferred = new Queue<IPAddress>(addresses.Where(address => address.AddressFamily == addresses[0].AddressFamily));
        var others = new Queue<IPAddress>(addresses.Where(address => address.AddressFamily != addresses[0].AddressFamily));
        var inOrder = new List<EndPoint>(addresses.Count);
        while (inOrder.Count < addresses.Count)
        {
            if (preferred.TryDequeue(out var address))
                inOrder.Add(new IPEndPoint(address, port));
            if (others.TryDequeue(out address))
                inOrder.Add(new IPEndPoint(address, port));
        }

        return inOrder;
    }

    /// <summary>Refuses what cannot be bound or connected to.</summary>
    public static void Require(EndPoint endPoint, [CallerArgumentExpression(nameof(endPoint))] string? parameter = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint, parameter);
        if (endPoint.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 or AddressFamily.Unix))
        {
            throw new ArgumentException(
                $"{endPoint} is no address of TCP or of a Unix socket. Use an IPEndPoint or a UnixDomainSocketEndPoint; for a name, SocketConnection.ConnectAsync with host and port.", parameter);
        }
    }
}
