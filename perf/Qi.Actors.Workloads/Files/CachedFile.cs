using System.Buffers.Binary;

using Microsoft.Win32.SafeHandles;

namespace Qi.Actors.Load.Files;

/// <summary>A file that the kernel has in memory. Each block begins and ends with a number that is made of its place.</summary>
internal sealed class CachedFile : IDisposable
{
    /// <summary>What is read at a time.</summary>
    public const int BlockBytes = 4096;

    private const int BlocksAtATime = 256;
    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;

    private readonly string _path;

    /// <summary>Writes the file and reads it once.</summary>
    /// <param name="folder">Where it lies until it is disposed.</param>
    /// <param name="blocks">How many blocks it has.</param>
    public CachedFile(string folder, int blocks)
    {
        Blocks = blocks;
        _path = Path.Combine(folder, $"qi-file-read-{Environment.ProcessId}.bin");
        try
        {
            Write();
            Handle = File.OpenHandle(_path, options: FileOptions.Asynchronous);
            ReadAll();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Blocks { get; }

    public SafeFileHandle? Handle { get; }

    /// <summary>Where it lies, for those who open it themselves.</summary>
    public string Location => _path;

    /// <summary>Where a block begins.</summary>
    public static long OffsetOf(uint block) => block * (long)BlockBytes;

    /// <summary>Throws if these are not the bytes of the block.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public static void Check(uint block, ReadOnlySpan<byte> bytes)
    {
        ulong expected = NumberOf(block);
        if (bytes.Length != BlockBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != expected || BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]) != expected)
            throw new InvalidDataException($"A read of block {block} gave {bytes.Length} bytes of something else.");
    }

    public void Dispose()
    {
        Handle?.Dispose();
        File.Delete(_path);
    }

    private static ulong NumberOf(uint block) => (block + 1UL) * Spread;

    private void Write()
    {
        using var file = File.OpenHandle(_path, FileMode.Create, FileAccess.Write, preallocationSize: OffsetOf((uint)Blocks));
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
            RandomAccess.Read(Handle!, run, OffsetOf((uint)first));
    }
}
