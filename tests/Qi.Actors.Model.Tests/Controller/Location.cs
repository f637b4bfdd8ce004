// A place in memory that more than one thread may touch, for one execution. Known by its address: an execution in which the collector
// has moved anything is thrown away and run again (Explorer).
//
// While a thread's store to it is delayed, real memory holds what that thread sees; Others is what everybody else sees and changes.

using System.Runtime.CompilerServices;

namespace Qi.Actors.Model.Controller;

/// <summary>A value of any type that Atomic knows.</summary>
internal readonly record struct Word(long Bits, object? Reference)
{
    public static Word From<T>(T value)
    {
        if (!typeof(T).IsValueType)
            return new Word(0, value);
        long bits = 0;
        Unsafe.As<long, T>(ref bits) = value;
        return new Word(bits, null);
    }

    public T To<T>()
    {
        if (!typeof(T).IsValueType)
        {
            object? reference = Reference;
            return Unsafe.As<object?, T>(ref reference);
        }

        long bits = Bits;
        return Unsafe.As<long, T>(ref bits);
    }

    public override string ToString() => Reference is null ? $"{Bits:x}" : $"{Reference.GetType().Name}@{RuntimeHelpers.GetHashCode(Reference) & 0xFFF:x3}";
}

/// <summary>What is known of one place.</summary>
internal sealed class Location
{
    /// <summary>In the order of first touch; for reports.</summary>
    public int Number;

    /// <summary>True if it was touched while the scenario was set up: its number is the same in every execution.</summary>
    public bool IsFromSetUp;

    /// <summary>Where it is.</summary>
    public nuint Address;

    /// <summary>The same in every execution that begins alike: a hash of who touched it first, at which step.</summary>
    public ulong Id;

    /// <summary>The history of the thread that wrote it last, as of that write; what everybody but the writer of a delayed store sees.</summary>
    public ulong LastWrite;

    /// <summary>The thread whose stores to it are delayed.</summary>
    public ModelThread? Delayer;

    /// <summary>How many of them.</summary>
    public int DelayedCount;

    /// <summary>The history of the newest of them, which its own thread sees.</summary>
    public ulong LastDelayed;

    /// <summary>What the other threads see meanwhile.</summary>
    public Word Others;
}

/// <summary>A store that only its own thread sees so far: to a location, or the release of a lock.</summary>
internal readonly record struct DelayedStore(Location? Location, Word Value, ulong Hash, Action? Release);
