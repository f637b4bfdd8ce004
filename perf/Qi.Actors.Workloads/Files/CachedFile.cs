using System.Buffers.Binary;

using Microsoft.Win32.SafeHandles;

namespace Qi.Actors.Workloads.Files;

/// <summary>A file that the kernel has in memory, in the folder for what is temporary. Each block begins and ends with a number that is made of its place.</summary>
public sealed class CachedFile : IDisposable
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = 4096;

    private const int BlocksAtATime = 256;
    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Writes the file and reads it once.</summary>
    /// <param name="blocks">How many blocks it has.</param>
    public CachedFile(int blocks)
    {
        Blocks = blocks;
        Location = Path.Combine(Path.GetTempPath(), $"qi-file-{Guid.NewGuid():N}.bin");
        try
        {
            Write();
            Handle = File.OpenHandle(Location, options: FileOptions.Asynchronous);
            ReadAll();
        }
        catch
        {
            Handle?.Dispose();
            File.Delete(Location);
            throw;
        }
    }

    /// <summary>How many blocks it has.</summary>
    public int Blocks { get; }

    /// <summary>Where it is open for reading.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Where it lies, for those who open it themselves.</summary>
    public string Location { get; }

    /// <summary>Where a block begins.</summary>
    public static long OffsetOf(uint block) => block * (long)BlockBytes;

    /// <summary>Throws if these are not the bytes of the block.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public static void Check(uint block, ReadOnlySpan<byte> bytes)
    {
        if (!IsBlock(block, bytes))
            throw new InvalidDataException($"A read of block {block} gave {bytes.Length} bytes of something else.");
    }

    public void Dispose()
    {
        Handle.Dispose();
        File.Delete(Location);
    }

    /// <summary>How many blocks a file has that are as those here, up to the first one that is not.</summary>
    public long CountEqual(string copy)
    {
        using var file = File.OpenHandle(copy);
        byte[] block = new byte[BlockBytes];
        int equal = 0;
        while (RandomAccess.Read(file, block, OffsetOf((uint)equal)) is > 0 and var count && IsBlock((uint)equal, block.AsSpan(0, count)))
            equal++;
        return equal;
    }

    private static bool IsBlock(uint block, ReadOnlySpan<byte> bytes)
    {
        ulong expected = NumberOf(block);
        return bytes.Length == BlockBytes && BinaryPrimitives.ReadUInt64LittleEndian(bytes) == expected && BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]) == expected;
    }

    private static ulong NumberOf(uint block) => (block + 1UL) * Spread;

    private void Write()
    {
        using var file = File.OpenHandle(Location, FileMode.CreateNew, FileAccess.Write, preallocationSize: OffsetOf((uint)Blocks));
        byte[] run = new byte[BlocksAtATime * BlockBytes];
        for (int first = 0; first < Blocks; first += BlocksAtATime)
        {
            int count = Math.Min(BlocksAtATime, Blocks - first);
            for (int i = 0; i < count; i++)
            {
                var block = run.AsSpan(i * BlockBytes, BlockBytes);
                BinaryPrimitives.WriteUInt64LittleEndian(block, NumberOf((uint)(first + i)));
                BinaryPrimitives.WriteUInt64LittleEndian(block[^sizeof(ulong)..], NumberOf((uint)(first + i)));
            }

            RandomAccess.Write(file, run.AsSpan(0, count * BlockBytes), OffsetOf((uint)first));
        }
    }

    private void ReadAll()
    {
        byte[] run = new byte[BlocksAtATime * BlockBytes];
        for (int first = 0; first < Blocks; first += BlocksAtATime)
            RandomAccess.Read(Handle, run, OffsetOf((uint)first));
    }
}
