// Public types of every kind, for the test of the API's text and of the documentation keys. Every other type of this
// assembly is internal, so this file is the assembly's whole public API.

using System.Runtime.CompilerServices;

namespace Qi.Actors.House.Tests;

/// <summary>A generic class with a member of every kind.</summary>
public class ApiSpecimen<T> : IDisposable
    where T : class, new()
{
    /// <summary>A constant.</summary>
    public const string Word = "word";

    /// <summary>A field.</summary>
    protected static readonly int[,] s_table = new int[1, 1];

    /// <summary>A constructor.</summary>
    protected internal ApiSpecimen(T value, int? limit = null) => Value = value ?? throw new ArgumentNullException(nameof(value), $"{limit}");

    /// <summary>An event.</summary>
    public event EventHandler<EventArgs>? Changed;

    /// <summary>A shape inside.</summary>
    public interface IShape<in TIn>
    {
        /// <summary>Takes.</summary>
        void Take(TIn item);
    }

    /// <summary>A property with two kinds of access.</summary>
    public T Value { get; protected set; }

    /// <summary>A property that is set once.</summary>
    public required string Name { get; init; }

    /// <summary>An indexer.</summary>
    public int this[int index] => s_table[index, 0];

    /// <summary>A conversion.</summary>
    public static explicit operator int(ApiSpecimen<T> specimen) => specimen is null ? 0 : 1;

    /// <summary>A generic method over nested and constructed types.</summary>
    public virtual ref readonly int Find<TKey>(in TKey key, Dictionary<TKey, List<T[]>> where, out bool found, params int[] more)
        where TKey : struct
    {
        ArgumentNullException.ThrowIfNull(where);
        found = where.ContainsKey(key);
        return ref s_table[0, 0];
    }

    /// <summary>Takes a nested constructed type and a pointer.</summary>
    public static unsafe void Give(ApiSpecimen<List<string>>.IShape<long> shape, byte* bytes, ref int[,] table)
    {
    }

    /// <inheritdoc/>
    public override string ToString() => Word;

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        Changed?.Invoke(this, EventArgs.Empty);
        GC.SuppressFinalize(this);
    }

    internal void Unseen() => Dispose();
}

/// <summary>A record.</summary>
/// <param name="X">A number.</param>
public sealed record ApiSpecimenRecord(int X);

/// <summary>An enumeration.</summary>
public enum ApiSpecimenKind : byte
{
    /// <summary>Two.</summary>
    Two = 2,

    /// <summary>One.</summary>
    One = 1,
}

/// <summary>A delegate.</summary>
public delegate void ApiSpecimenAction(string text);

/// <summary>A struct.</summary>
public readonly ref struct ApiSpecimenStruct
{
    /// <summary>A tuple.</summary>
    public (int Left, string Right) Pair { get; init; }
}

/// <summary>A static class.</summary>
public static class ApiSpecimenExtensions
{
    /// <summary>An extension.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsKnown(this ApiSpecimenKind kind, bool strict = true) => strict && Enum.IsDefined(kind);
}
