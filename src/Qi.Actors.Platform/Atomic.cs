// The only home of Interlocked, Volatile and fences: everything above says Atomic, so that one recompilation of this
// file is enough for a model checker to see, order and delay every shared access.
//
// Memory model: Read acquires, Write releases, every read-modify-write is a full fence. Fence orders everything before it
// before everything after it on this thread. ProcessWideFence does so on every running thread of the process: it lets the
// frequent side of a store-then-load protocol use plain accesses, and makes the rare side pay (microseconds).

using System.Runtime.CompilerServices;

namespace Qi.Actors.Platform;

/// <summary>Atomic and ordered memory accesses, in one place.</summary>
/// <remarks>
/// <b>Threads</b>: any. <b>Cost</b>: <see cref="Read(ref readonly int)"/> and <see cref="Write(ref int, int)"/> are plain moves on
/// x86; a read-modify-write is one locked operation, about 5 ns uncontended.
/// </remarks>
public static class Atomic
{
    /// <summary>Reads with acquire ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ref readonly int location) => Volatile.Read(in location);

    /// <summary>Reads with acquire ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read(ref readonly uint location) => Volatile.Read(in location);

    /// <summary>Reads with acquire ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Read(ref readonly long location) => Volatile.Read(in location);

    /// <summary>Reads with acquire ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ref readonly ulong location) => Volatile.Read(in location);

    /// <summary>Reads with acquire ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read(ref readonly bool location) => Volatile.Read(in location);

    /// <summary>Reads a reference with acquire ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(ref readonly T location)
        where T : class?
        => Volatile.Read(in location);

    /// <summary>Writes with release ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref int location, int value) => Volatile.Write(ref location, value);

    /// <summary>Writes with release ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref ushort location, ushort value) => Volatile.Write(ref location, value);

    /// <summary>Writes with release ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref uint location, uint value) => Volatile.Write(ref location, value);

    /// <summary>Writes with release ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref long location, long value) => Volatile.Write(ref location, value);

    /// <summary>Writes with release ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref ulong location, ulong value) => Volatile.Write(ref location, value);

    /// <summary>Writes with release ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(ref bool location, bool value) => Volatile.Write(ref location, value);

    /// <summary>Writes a reference with release ordering: what the object holds is visible to whoever reads it with acquire.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<T>(ref T location, T value)
        where T : class?
        => Volatile.Write(ref location, value);

    /// <summary>Stores a value and returns the one before. Full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Exchange(ref int location, int value) => Interlocked.Exchange(ref location, value);

    /// <summary>Stores a value and returns the one before. Full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Exchange(ref long location, long value) => Interlocked.Exchange(ref location, value);

    /// <summary>Stores a reference and returns the one before. Full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exchange<T>(ref T location, T value)
        where T : class?
        => Interlocked.Exchange(ref location, value);

    /// <summary>Stores <paramref name="value"/> if the location holds <paramref name="comparand"/>; returns what it held. Full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CompareExchange(ref int location, int value, int comparand)
        => Interlocked.CompareExchange(ref location, value, comparand);

    /// <summary>Stores <paramref name="value"/> if the location holds <paramref name="comparand"/>; returns what it held. Full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long CompareExchange(ref long location, long value, long comparand)
        => Interlocked.CompareExchange(ref location, value, comparand);

    /// <summary>Stores <paramref name="value"/> if the location holds <paramref name="comparand"/>; returns what it held. Full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong CompareExchange(ref ulong location, ulong value, ulong comparand)
        => Interlocked.CompareExchange(ref location, value, comparand);

    /// <summary>Stores <paramref name="value"/> if the location holds <paramref name="comparand"/>; returns what it held. Full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T CompareExchange<T>(ref T location, T value, T comparand)
        where T : class?
        => Interlocked.CompareExchange(ref location, value, comparand);

    /// <summary>Adds and returns the sum. Full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Add(ref int location, int value) => Interlocked.Add(ref location, value);

    /// <summary>Adds and returns the sum. Full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Add(ref long location, long value) => Interlocked.Add(ref location, value);

    /// <summary>Sets bits and returns the value before. Full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Or(ref int location, int bits) => Interlocked.Or(ref location, bits);

    /// <summary>Keeps only the given bits and returns the value before. Full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int And(ref int location, int bits) => Interlocked.And(ref location, bits);

    /// <summary>A full fence on this thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fence() => Interlocked.MemoryBarrier();

    /// <summary>A full fence on every thread of the process that is running. <b>Cost</b>: 1–10 µs; for rare paths only.</summary>
    public static void ProcessWideFence() => Interlocked.MemoryBarrierProcessWide();

    /// <summary>Tells the processor that this is a short spin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pause() => Thread.SpinWait(1);
}
