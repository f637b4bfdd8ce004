using System.Text;

namespace Redis.Commands;

/// <summary>Equality of the names of commands: capitals do not matter.</summary>
internal sealed class CommandNames : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    private const int CaseBit = 0x20;

    public static CommandNames Comparer { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => Ascii.EqualsIgnoreCase(x, y);

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => Ascii.EqualsIgnoreCase(alternate, other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        // The names are ours: their lengths and both ends tell them apart well enough.
        return alternate.IsEmpty ? 0 : (alternate.Length << 16) ^ ((alternate[0] | CaseBit) << 8) ^ (alternate[^1] | CaseBit);
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
