using System.Buffers.Binary;

namespace Qi.Actors.Load.Soak.Io.Partitions;

/// <summary>What the peer is to do with a connection.</summary>
internal enum PeerRole : byte
{
    /// <summary>Send the bytes of the seed, and the end.</summary>
    Source = 1,

    /// <summary>Read the bytes of the seed to the end, and say how many were right.</summary>
    Sink,

    /// <summary>Send back what comes.</summary>
    Echo,

    /// <summary>Send the bytes of the seed, and reset.</summary>
    Reset,

    /// <summary>Say nothing, for a while.</summary>
    Quiet,
}

/// <summary>What the connecting end says first: a role, a seed and a length.</summary>
internal readonly record struct PeerOrder(PeerRole Role, ulong Seed, long Length)
{
    public const int Bytes = 1 + sizeof(ulong) + sizeof(long);

    public byte[] Write()
    {
        byte[] order = new byte[Bytes];
        order[0] = (byte)Role;
        BinaryPrimitives.WriteUInt64LittleEndian(order.AsSpan(1), Seed);
        BinaryPrimitives.WriteInt64LittleEndian(order.AsSpan(1 + sizeof(ulong)), Length);
        return order;
    }

    public static PeerOrder Read(ReadOnlySpan<byte> order)
        => new((PeerRole)order[0], BinaryPrimitives.ReadUInt64LittleEndian(order[1..]), BinaryPrimitives.ReadInt64LittleEndian(order[(1 + sizeof(ulong))..]));
}
