using System.Runtime.CompilerServices;

namespace Qi.Actors.Coroutines;

/// <summary>
/// Awaits of ValueTasks whose source knows coroutines: the source suspends the root itself, without a delegate. Who makes such sources
/// sets <see cref="Instance"/>; an awaiter of any other source is left to <see cref="ForeignAwait"/>.
/// </summary>
internal abstract class SourceWait<TAwaiter>
{
    /// <summary>The sources of this awaiter's type; null if there are none. Written with the same object again and again.</summary>
    public static SourceWait<TAwaiter>? Instance;

    /// <summary>Suspends the frame until the source has ended. False, and nothing has happened, if it is none that knows coroutines.</summary>
    public abstract bool TrySuspend(ref TAwaiter awaiter, CoroutineBox leaf);
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
