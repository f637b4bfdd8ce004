// E1. An array longer than MostSharedBytes is never written again: who has got it may read it without the lock.
// E2. A shorter one is overwritten in place, if the value fits: who reads it holds the shard's lock. So a key that is set again and again makes no garbage.

using Redis.Protocol;

namespace Redis.Keyspace;

/// <summary>A key with its value and its deadline. It is used under the lock of its shard.</summary>
internal sealed class Entry(byte[] key)
{
    /// <summary>The place of an entry that has no deadline.</summary>
    public const int NoPlace = -1;

    /// <summary>Longer values are handed out and copied outside of the lock.</summary>
    public const int MostSharedBytes = 1024;

    private byte[] _bytes = [];
    private int _length;

    public byte[] Key { get; } = key;

    /// <summary>When it expires, on the <see cref="Clock"/>. Without meaning unless <see cref="HasDeadline"/>.</summary>
    public long DeadlineMs { get; set; }

    /// <summary>Where it stands among the deadlines of its shard.</summary>
    public int Place { get; set; } = NoPlace;

    public bool HasDeadline => Place != NoPlace;

    public ReadOnlySpan<byte> Value => _bytes.AsSpan(0, _length);

    /// <summary>The value as an array that nobody will write; null if it is short, and to be copied under the lock.</summary>
    public byte[]? Frozen => _length > MostSharedBytes ? _bytes : null;

    public void Set(ReadOnlySpan<byte> value)
    {
        if (value.Length > _bytes.Length || _bytes.Length > MostSharedBytes || _bytes.Length > (2 * value.Length) + Integers.MostBytes)
            _bytes = new byte[value.Length > MostSharedBytes ? value.Length : RoundUp(value.Length)]; // E1; and what has become much shorter gives its memory back
        value.CopyTo(_bytes);
        _length = value.Length;
    }

    // An array takes whole words anyway, and a counter grows.
    private static int RoundUp(int length) => (length + sizeof(long) - 1) & -sizeof(long);
}
