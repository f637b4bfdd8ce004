// Where the parts of an internet address are in the operating system's form, the same everywhere: family (2 bytes, whose content is the system's affair), port (2, the
// high one first), then with IPv4 the address (4), with IPv6 the flow (4), the address (16) and the scope (4, as the processor has numbers).

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Qi.Actors.IO;

/// <summary>Internet addresses in the operating system's form, written without an allocation and read with few.</summary>
internal static class InternetAddresses
{
    private const int PortAt = 2;
    private const int V4At = 4;
    private const int V4Bytes = 4;
    private const int V6At = 8;
    private const int V6Bytes = 16;
    private const int ScopeAt = V6At + V6Bytes;
    private const int V4Length = 16;

    private static readonly byte[] s_v4 = FormOf(IPAddress.Any);
    private static readonly byte[] s_v6 = FormOf(IPAddress.IPv6Any);
    private static readonly byte[] s_mapped = FormOf(IPAddress.Any.MapToIPv6());

    /// <summary>Writes an address, and returns how long it is.</summary>
    /// <param name="endPoint">The address.</param>
    /// <param name="isDual">Whether one of IPv4 is written as a socket for both families has it.</param>
    /// <param name="bytes">Where to.</param>
    public static int Write(IPEndPoint endPoint, bool isDual, Span<byte> bytes)
    {
        var address = endPoint.Address;
        bool isV4 = address.AddressFamily == AddressFamily.InterNetwork;
        byte[] form = !isV4 ? s_v6 : isDual ? s_mapped : s_v4;
        form.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[PortAt..], (ushort)endPoint.Port);
        address.TryWriteBytes(bytes[(!isV4 ? V6At : isDual ? ScopeAt - V4Bytes : V4At)..], out _);
        if (!isV4)
            MemoryMarshal.Write(bytes[ScopeAt..], (uint)address.ScopeId);
        return form.Length;
    }

    /// <summary>An address as the framework has it.</summary>
    public static IPEndPoint Read(ReadOnlySpan<byte> bytes)
    {
        var address = bytes.Length == V4Length
            ? new IPAddress(bytes.Slice(V4At, V4Bytes))
            : new IPAddress(bytes.Slice(V6At, V6Bytes), MemoryMarshal.Read<uint>(bytes[ScopeAt..]));
        return new IPEndPoint(address, PortOf(bytes));
    }

    /// <summary>The same as a value, to look it up by.</summary>
    public static InternetAddress KeyOf(ReadOnlySpan<byte> bytes) => bytes.Length == V4Length
        ? new InternetAddress(MemoryMarshal.Read<uint>(bytes[V4At..]), 0, PortOf(bytes))
        : new InternetAddress(MemoryMarshal.Read<UInt128>(bytes[V6At..]), MemoryMarshal.Read<uint>(bytes[ScopeAt..]), PortOf(bytes));

    private static int PortOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes[PortAt..]);

    private static byte[] FormOf(IPAddress address)
    {
        var form = new IPEndPoint(address, 0).Serialize();
        return form.Buffer.Span[..form.Size].ToArray();
    }
}

/// <summary>An internet address as a value.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct InternetAddress(UInt128 Address, uint Scope, int Port);
