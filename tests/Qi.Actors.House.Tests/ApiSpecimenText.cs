namespace Qi.Actors.House.Tests;

/// <summary>What the API of <see cref="ApiSpecimen{T}"/> and its neighbours is as text.</summary>
internal static class ApiSpecimenText
{
    public const string Expected = """
        public class Qi.Actors.House.Tests.ApiSpecimen<T> : IDisposable where T : class, new()
          protected ctor(T value, int? limit = default)
          protected static readonly int[,] s_table
          public T Value { get; protected set; }
          public const string Word = "word"
          public event EventHandler<EventArgs> Changed
          public int Item[int index] { get; }
          public override string ToString()
          public required string Name { get; init; }
          public static int op_Explicit(ApiSpecimen<T> specimen)
          public static void Give(ApiSpecimen<List<string>>.IShape<long> shape, byte* bytes, ref int[,] table)
          public virtual ref readonly int Find<TKey>(in TKey key, Dictionary<TKey, List<T[]>> where, out bool found, params int[] more) where TKey : struct
          public void Dispose()
        public interface Qi.Actors.House.Tests.ApiSpecimen<T>.IShape<in TIn> where T : class, new()
          public abstract void Take(TIn item)
        public delegate void Qi.Actors.House.Tests.ApiSpecimenAction(string text)
        public static class Qi.Actors.House.Tests.ApiSpecimenExtensions
          public static bool IsKnown(this ApiSpecimenKind kind, bool strict = true)
        public enum Qi.Actors.House.Tests.ApiSpecimenKind : byte
          One = 1
          Two = 2
        public sealed class Qi.Actors.House.Tests.ApiSpecimenRecord : IEquatable<ApiSpecimenRecord>
          public ctor(int X)
          public int X { get; init; }
        public readonly ref struct Qi.Actors.House.Tests.ApiSpecimenStruct
          public ValueTuple<int, string> Pair { get; init; }
        """;
}
