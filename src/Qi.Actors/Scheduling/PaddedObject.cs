using System.Diagnostics.CodeAnalysis;

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>
/// The base of objects that one thread writes all the time: their fields share no cache line with the object before them on the
/// heap. Derived classes end with a <see cref="CacheLinePadding"/> of their own, which the runtime lays out after everything else.
/// </summary>
internal abstract class PaddedObject
{
    [SuppressMessage("Performance", "CA1823:Avoid unused private fields", Justification = "It is there for its size.")]
    [SuppressMessage("CodeQuality", "IDE0051:Remove unused private members", Justification = "It is there for its size.")]
    private protected CacheLinePadding Before;
}
