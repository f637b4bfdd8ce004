// A xorshift generator of 64 bits with a multiplied output: three shifts and one multiplication a number, a period of
// 2^64 - 1, good upper bits (the ones that are used). Not for secrets.
//
// The state must never be zero, where xorshift would stay for ever. The field holds the state XOR a constant, so that the
// all-zero struct, default(Rng), is a working generator too; a step maps non-zero states to non-zero states only.
//
// Source: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", ACM TOMS 42 (2016); seeds
// are spread with the finalizer of G. Steele et al., "Fast splittable pseudorandom number generators", OOPSLA 2014. Bounded
// numbers: D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019), without its rejection step.

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Qi.Actors.Platform;

/// <summary>A small, fast, seeded random number generator: choices of victims, jitter, simulated schedules.</summary>
/// <remarks>
/// <b>Threads</b>: one owner; it is a mutable struct, so keep it in a field that is not readonly. <b>Cost</b>: about 1 ns a
/// number, no allocation. <b>Order</b>: equal seeds give equal sequences on every platform and in every version.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
public struct Rng
{
    private const ulong Offset = 0x9E37_79B9_7F4A_7C15;

    private ulong _stateXorOffset;

    /// <summary>Creates a generator; any seed will do, and near seeds give unrelated sequences.</summary>
    public Rng(ulong seed)
    {
        ulong state = Spread(seed);
        _stateXorOffset = state == 0 ? 0 : state ^ Offset;
    }

    /// <summary>Creates a generator whose seed comes from the operating system.</summary>
    public static Rng FromEntropy() => FromEntropy(out _);

    /// <summary>
    /// Creates a generator whose seed comes from the operating system, and tells the seed, so that it can be printed.
    /// </summary>
    public static Rng FromEntropy(out ulong seed)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        seed = MemoryMarshal.Read<ulong>(bytes);
        return new Rng(seed);
    }

    /// <summary>The next 32 random bits.</summary>
    public uint Next() => (uint)(NextUInt64() >> 32);

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        ulong state = _stateXorOffset ^ Offset;
        Debug.Assert(state != 0, "A xorshift state is never zero.");
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        _stateXorOffset = state ^ Offset;
        return state * 0x2545_F491_4F6C_DD1D;
    }

    /// <summary>A random number from 0 up to, not including, <paramref name="bound"/>.</summary>
    /// <remarks>The bias is at most <paramref name="bound"/> / 2^32: nothing that a choice of victims would notice.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is zero.</exception>
    public uint Below(uint bound)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bound);
        return (uint)(((ulong)Next() * bound) >> 32);
    }

    /// <summary>A random number from 0 up to, not including, 1, with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    private static ulong Spread(ulong seed)
    {
        ulong mixed = unchecked(seed + Offset);
        mixed = unchecked((mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9);
        mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB);
        return mixed ^ (mixed >> 31);
    }
}
