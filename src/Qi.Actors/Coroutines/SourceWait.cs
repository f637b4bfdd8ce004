// Awaits of ValueTasks whose source knows coroutines: the source suspends the root itself, without a delegate. There are several kinds of such sources; for each
// type of awaiter they stand in a chain, which grows at its end when a kind is first used.

using System.Runtime.CompilerServices;

using Qi.Actors.Platform;

namespace Qi.Actors.Coroutines;

/// <summary>One kind of source that knows coroutines. An awaiter of any other source is left to <see cref="ForeignAwait"/>.</summary>
internal abstract class SourceWait<TAwaiter>
{
    /// <summary>The kinds for this awaiter's type; null if there are none.</summary>
    public static SourceWait<TAwaiter>? Instance;

    private SourceWait<TAwaiter>? _next;

    /// <summary>Adds a kind, unless it is there. Any thread.</summary>
    public static void Register(SourceWait<TAwaiter> kind)
    {
        ref var place = ref Instance;
        while (true)
        {
            var there = Atomic.Read(ref place) ?? Atomic.CompareExchange(ref place, kind, null);
            if (there is null || there.GetType() == kind.GetType())
                return;
            place = ref there._next;
        }
    }

    /// <summary>Suspends the frame until the source has ended. False, and nothing has happened, if it is of none of the kinds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySuspend(ref TAwaiter awaiter, CoroutineBox leaf) => TrySuspendOwn(ref awaiter, leaf) || (_next is { } next && next.TrySuspend(ref awaiter, leaf));

    /// <summary>The same for this kind of source.</summary>
    protected abstract bool TrySuspendOwn(ref TAwaiter awaiter, CoroutineBox leaf);
}

/// <summary>Looks behind the awaiter of a ValueTask without a result, as <see cref="ValueTaskFields{T}"/>.</summary>
internal static class ValueTaskFields
{
    public static bool IsUsable { get; } = Probe();

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_value")]
    public static extern ref ValueTask TaskOf(ref ValueTaskAwaiter awaiter);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_value")]
    public static extern ref ValueTask TaskOf(ref ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter awaiter);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_obj")]
    public static extern ref object? SourceOf(ref ValueTask task);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_token")]
    public static extern ref short TokenOf(ref ValueTask task);

    private static bool Probe()
    {
        try
        {
            var plain = default(ValueTaskAwaiter);
            var configured = default(ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter);
            return SourceOf(ref TaskOf(ref plain)) is null && TokenOf(ref TaskOf(ref configured)) == 0;
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }
}

/// <summary>
/// Looks behind a ValueTask's awaiter. The framework offers no way to it; should these fields ever be named differently,
/// <see cref="IsUsable"/> is false and such awaits take the way of any other awaiter.
/// </summary>
internal static class ValueTaskFields<T>
{
    public static bool IsUsable { get; } = Probe();

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_value")]
    public static extern ref ValueTask<T> TaskOf(ref ValueTaskAwaiter<T> awaiter);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_value")]
    public static extern ref ValueTask<T> TaskOf(ref ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter awaiter);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_obj")]
    public static extern ref object? SourceOf(ref ValueTask<T> task);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_token")]
    public static extern ref short TokenOf(ref ValueTask<T> task);

    private static bool Probe()
    {
        try
        {
            var plain = default(ValueTaskAwaiter<T>);
            var configured = default(ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter);
            return SourceOf(ref TaskOf(ref plain)) is null && TokenOf(ref TaskOf(ref configured)) == 0;
        }
        catch (MissingFieldException)
        {
            return false; // A framework that we do not know.
        }
    }
}
