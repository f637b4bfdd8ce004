using System.Buffers;
using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>Pieces of memory that are pinned for one call.</summary>
internal static unsafe class FilePieces
{
    /// <summary>How many go without an allocation.</summary>
    public const int Most = 16;

    /// <summary>As <see cref="NativeFiles.TryReadVectored"/>.</summary>
    public static int TryRead(IoHandle file, IReadOnlyList<Memory<byte>> buffers, long offset, bool isInMemory)
    {
        Pins pins = default;
        IoVector* pieces = stackalloc IoVector[Most];
        int count = buffers.Count;
        int pinned = 0;
        try
        {
            for (; pinned < count; pinned++)
            {
                var buffer = buffers[pinned];
                pins[pinned] = buffer.Pin();
                pieces[pinned] = new IoVector { Start = (nint)pins[pinned].Pointer, Length = buffer.Length };
            }

            return NativeFiles.TryReadVectored(file, pieces, count, offset, isInMemory);
        }
        finally
        {
            while (pinned > 0)
                pins[--pinned].Dispose();
        }
    }

    [InlineArray(Most)]
    private struct Pins
    {
        private MemoryHandle _first;
    }
}
