// How an await in a coroutine finds the source behind a ValueTask: SourceWait asks each kind that was registered for the type of the awaiter.

using System.Runtime.CompilerServices;

using Qi.Actors.Coroutines;

namespace Qi.Actors.Reactors;

/// <summary>What stands behind a ValueTask, and suspends a coroutine itself.</summary>
internal interface ICoroutineSource
{
    /// <summary>Suspends a coroutine until the use that the token names is over. False if this is not a use that it may wait for. Owner of the coroutine.</summary>
    bool TrySuspend(CoroutineBox leaf, short token);
}

/// <summary>Finds such a source behind the awaiter of a ValueTask with a result.</summary>
internal sealed class IoWait<T> : SourceWait<ValueTaskAwaiter<T>>
{
    /// <summary>Before the first such await.</summary>
    public static void Register()
    {
        if (!ValueTaskFields<T>.IsUsable)
            return;
        SourceWait<ValueTaskAwaiter<T>>.Register(new IoWait<T>());
        SourceWait<ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter>.Register(new Configured());
    }

    protected override bool TrySuspendOwn(ref ValueTaskAwaiter<T> awaiter, CoroutineBox leaf)
        => TrySuspendOn(ref ValueTaskFields<T>.TaskOf(ref awaiter), leaf);

    private static bool TrySuspendOn(ref ValueTask<T> task, CoroutineBox leaf)
        => ValueTaskFields<T>.SourceOf(ref task) is ICoroutineSource source && source.TrySuspend(leaf, ValueTaskFields<T>.TokenOf(ref task));

    private sealed class Configured : SourceWait<ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter>
    {
        protected override bool TrySuspendOwn(ref ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter awaiter, CoroutineBox leaf)
            => TrySuspendOn(ref ValueTaskFields<T>.TaskOf(ref awaiter), leaf);
    }
}

/// <summary>The same without a result.</summary>
internal sealed class IoWait : SourceWait<ValueTaskAwaiter>
{
    /// <summary>Before the first await of a read or write.</summary>
    public static void Register()
    {
        IoWait<int>.Register();
        if (!ValueTaskFields.IsUsable)
            return;
        SourceWait<ValueTaskAwaiter>.Register(new IoWait());
        SourceWait<ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter>.Register(new Configured());
    }

    protected override bool TrySuspendOwn(ref ValueTaskAwaiter awaiter, CoroutineBox leaf)
        => TrySuspendOn(ref ValueTaskFields.TaskOf(ref awaiter), leaf);

    private static bool TrySuspendOn(ref ValueTask task, CoroutineBox leaf)
        => ValueTaskFields.SourceOf(ref task) is ICoroutineSource source && source.TrySuspend(leaf, ValueTaskFields.TokenOf(ref task));

    private sealed class Configured : SourceWait<ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter>
    {
        protected override bool TrySuspendOwn(ref ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter awaiter, CoroutineBox leaf)
            => TrySuspendOn(ref ValueTaskFields.TaskOf(ref awaiter), leaf);
    }
}
