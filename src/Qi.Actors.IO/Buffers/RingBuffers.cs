using System.Buffers;
using System.Diagnostics.CodeAnalysis;

using Qi.Actors.Platform;

namespace Qi.Actors.IO;

/// <summary>A system's buffers of the smallest size, for its reactors.</summary>
/// <remarks>
/// What reactors hold nobody else can rent. So where memory is limited they get none once the pool holds half of it, and those who receive rent for themselves.
/// </remarks>
internal sealed class RingBuffers(ActorSystem system) : IBufferSource
{
    /// <summary>How long each buffer is.</summary>
    public const int Bytes = SlabSizes.LeastBytes;

    /// <inheritdoc/>
    public int BufferBytes => Bytes;

    /// <inheritdoc/>
    public bool TryRent([NotNullWhen(true)] out IMemoryOwner<byte>? buffer, out nint address)
    {
        buffer = null;
        address = 0;
        var pool = system.GetBuffers();
        var budget = pool.Budget;
        if (budget.HeldBytes > budget.LimitBytes / 2 - pool.Options.ChunkBytes)
            return false;
        try
        {
            if (!pool.TryRentBuffer(Bytes, out var rented))
                return false;
            address = rented.Address;
            buffer = pool.ToOwner(rented);
            return true;
        }
        catch (Exception e) when (e is ObjectDisposedException or OutOfMemoryException or BufferMisuseException)
        {
            return false; // the pool is closed, or has nothing to give: whoever receives rents, and is told
        }
    }
}
