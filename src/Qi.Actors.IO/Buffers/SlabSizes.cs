namespace Qi.Actors.IO;

/// <summary>The sizes that memory is cut into.</summary>
/// <remarks>
/// Three, four times apart: a page, which most messages fit in; what a socket gives at once when it is busy; and the largest, which a file or
/// a TLS record burst fills. More sizes would waste less inside a slab and more in chunks that are not used up.
/// </remarks>
internal static class SlabSizes
{
    /// <summary>How many sizes there are.</summary>
    public const int Count = 3;

    /// <summary>The smallest size, which is also the alignment of every slab.</summary>
    public const int LeastBytes = 4 * 1024;

    /// <summary>The largest size.</summary>
    public const int MostBytes = 64 * 1024;

    /// <summary>The bytes of a size.</summary>
    public static int BytesOf(int size) => LeastBytes << (2 * size);

    /// <summary>The smallest size that holds so many bytes, which are at most <see cref="MostBytes"/>.</summary>
    public static int Of(int bytes) => bytes <= LeastBytes ? 0 : bytes <= 4 * LeastBytes ? 1 : 2;
}
