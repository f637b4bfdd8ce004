using Qi.Actors.Scheduling;

namespace Qi.Actors.Coroutines;

/// <summary>An awaiter that knows coroutines: it suspends the root itself, without delegates and without allocation.</summary>
internal interface ICoroutineAwaiter
{
    /// <summary>Suspends <paramref name="leaf"/>, a frame of <paramref name="root"/>, until the awaited thing has happened.</summary>
    void Suspend(CoroutineBox root, CoroutineBox leaf, ThreadContext thread);
}
