// What Rent gives away when use is checked: an object for each rent, so that the number of the use comes along. It is a memory manager, so every Span
// of its Memory, and every Memory cut from that, is looked at when it is made. What has been a Span before the return escapes it; the poison tells.

using System.Buffers;

namespace Qi.Actors.IO;

/// <summary>A rented buffer that knows when it has been returned.</summary>
internal sealed unsafe class CheckedOwner(RentedBuffer buffer) : MemoryManager<byte>
{
    /// <inheritdoc/>
    public override Span<byte> GetSpan() => buffer.Span;

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)buffer.Length, nameof(elementIndex));
        return new MemoryHandle((byte*)buffer.Address + elementIndex);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // The memory never moves.
    }

    /// <inheritdoc/>
    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        Slab slab = buffer.Slab;
        segment = new ArraySegment<byte>(slab.Chunk.Array, slab.Chunk.Start + slab.Offset, slab.Length);
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => buffer.Return();
}
