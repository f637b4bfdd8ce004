using System.Buffers.Binary;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>A stream of bytes that a seed decides, each by its place: so one that is lost, doubled or in another place is seen.</summary>
internal static class SeedStream
{
    private const int WordBytes = sizeof(ulong);
    private const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>Writes the bytes that stand at a place.</summary>
    public static void Fill(ulong seed, long offset, Span<byte> bytes)
    {
        Span<byte> word = stackalloc byte[WordBytes];
        while (bytes.Length > 0)
        {
            int skipped = (int)(offset % WordBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(word, WordAt(seed, offset / WordBytes));
            int count = Math.Min(WordBytes - skipped, bytes.Length);
            word.Slice(skipped, count).CopyTo(bytes);
            bytes = bytes[count..];
            offset += count;
        }
    }

    /// <summary>The first byte that is not what stands at this place; -1 if all are.</summary>
    public static int FirstDifference(ulong seed, long offset, ReadOnlySpan<byte> bytes)
    {
        const int Most = 4096;
        Span<byte> wanted = stackalloc byte[Most];
        for (int done = 0; done < bytes.Length; done += Most)
        {
            var part = bytes.Slice(done, Math.Min(Most, bytes.Length - done));
            Fill(seed, offset + done, wanted[..part.Length]);
            int same = part.CommonPrefixLength(wanted[..part.Length]);
            if (same < part.Length)
                return done + same;
        }

        return -1;
    }

    // The finalizer of splitmix64, over the word's number: any place can be asked for.
    private static ulong WordAt(ulong seed, long number)
    {
        ulong z = seed + (((ulong)number + 1) * Step);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
