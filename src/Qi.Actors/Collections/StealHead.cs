using System.Diagnostics;

namespace Qi.Actors.Collections;

/// <summary>The packed head of a <see cref="StealQueue{T}"/>: two positions that move together.</summary>
/// <remarks>
/// Real (low 32 bits) is the position of the next item to be taken. Steal (high 32 bits) is the position of the oldest slot that
/// a thief may still be reading. They are equal when no thief is at work. Positions count up for ever and wrap at 2^32; only
/// their differences mean something.
/// </remarks>
internal readonly struct StealHead(long packed)
{
    internal readonly long Packed = packed;

    private StealHead(uint steal, uint real)
        : this((long)(((ulong)steal << 32) | real))
    {
    }

    internal uint Steal => (uint)((ulong)Packed >> 32);

    internal uint Real => (uint)Packed;

    /// <summary>Whether a thief has claimed slots that it has not emptied yet.</summary>
    internal bool IsBeingStolen => Steal != Real;

    /// <summary>Both positions at <paramref name="position"/>.</summary>
    internal static StealHead At(uint position) => new(position, position);

    /// <summary>The owner takes items; if a thief is at work, its slots stay claimed.</summary>
    internal StealHead Take(uint count) => IsBeingStolen ? new(Steal, Real + count) : At(Real + count);

    /// <summary>A thief claims items: they are no longer in the queue, but their slots may not be reused yet.</summary>
    internal StealHead Claim(uint count)
    {
        Debug.Assert(!IsBeingStolen, "One thief at a time claims slots.");
        return new(Steal, Real + count);
    }

    /// <summary>The thief has emptied its slots; so has the owner, all those that it took in the meantime.</summary>
    internal StealHead Release()
    {
        Debug.Assert(IsBeingStolen, "Only a thief that has claimed slots releases them.");
        return At(Real);
    }
}
