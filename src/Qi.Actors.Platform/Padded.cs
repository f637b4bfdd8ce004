// A field that one thread writes often must not share a cache line with a field that another thread reads often. 128 bytes,
// not 64: Intel fetches lines in pairs, and Apple's and some other ARM cores have 128-byte lines.
//
// A padded field is 256 bytes with the value in the middle. Objects are aligned to 8 bytes only, so the line that holds the
// value may begin anywhere up to 120 bytes before it; whatever the alignment, that whole line lies inside the struct.
// Rejected: 128 bytes with the value first, which shares its line with the field before it in seven layouts of eight.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Qi.Actors.Platform;

/// <summary>The unit of memory that cores pass to each other, as far as layouts here are concerned.</summary>
/// <remarks><b>Units</b>: bytes.</remarks>
public static class CacheLine
{
    /// <summary>Bytes that a hot field keeps for itself on either side.</summary>
    public const int Size = 128;

    /// <summary>
    /// Bytes of a struct that holds one value alone on its line, whatever the alignment of the object around it.
    /// </summary>
    public const int PaddedSize = 2 * Size;
}

/// <summary>128 bytes of nothing, to be put between fields.</summary>
[StructLayout(LayoutKind.Explicit, Size = CacheLine.Size)]
public struct CacheLinePadding
{
    [FieldOffset(0)]
    private readonly long _unused;
}

/// <summary>An <see cref="int"/> alone on its cache line.</summary>
[StructLayout(LayoutKind.Explicit, Size = CacheLine.PaddedSize)]
public struct PaddedInt
{
    /// <summary>The value; shared accesses go through <see cref="Atomic"/>.</summary>
    [FieldOffset(CacheLine.Size)]
    public int Value;
}

/// <summary>A <see cref="uint"/> alone on its cache line.</summary>
[StructLayout(LayoutKind.Explicit, Size = CacheLine.PaddedSize)]
public struct PaddedUInt
{
    /// <summary>The value; shared accesses go through <see cref="Atomic"/>.</summary>
    [FieldOffset(CacheLine.Size)]
    public uint Value;
}

/// <summary>A <see cref="long"/> alone on its cache line.</summary>
[StructLayout(LayoutKind.Explicit, Size = CacheLine.PaddedSize)]
public struct PaddedLong
{
    /// <summary>The value; shared accesses go through <see cref="Atomic"/>.</summary>
    [FieldOffset(CacheLine.Size)]
    public long Value;
}

/// <summary>A <see cref="ulong"/> alone on its cache line.</summary>
[StructLayout(LayoutKind.Explicit, Size = CacheLine.PaddedSize)]
public struct PaddedULong
{
    /// <summary>The value; shared accesses go through <see cref="Atomic"/>.</summary>
    [FieldOffset(CacheLine.Size)]
    public ulong Value;
}

/// <summary>A reference alone on its cache line.</summary>
/// <typeparam name="T">The type of the object.</typeparam>
/// <remarks>
/// A generic struct cannot have an explicit layout, and the runtime puts the references of a struct first. It keeps fields that
/// are structs themselves in their order, though, so the reference is wrapped in one. Layout tests check it.
/// </remarks>
public struct PaddedReference<T>
    where T : class
{
    /// <summary>Never touched.</summary>
    public CacheLinePadding Before;

    private Holder _holder;

    /// <summary>Never touched.</summary>
    public CacheLinePadding After;

    /// <summary>The reference; shared accesses go through <see cref="Atomic"/>.</summary>
    [UnscopedRef]
    public ref T? Value => ref _holder.Value;

    private struct Holder
    {
        public T? Value;
    }
}
