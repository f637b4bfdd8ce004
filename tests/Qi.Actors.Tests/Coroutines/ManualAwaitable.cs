using System.Runtime.CompilerServices;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Coroutines;

/// <summary>An awaitable of a kind that the runtime does not know: it ends when it is told, and no cancel can end the wait for it.</summary>
internal sealed class ManualAwaitable : INotifyCompletion
{
    private Action? _continuation;

    public TaskCompletionSource IsAwaited { get; } = Signal.NewSource();

    public bool IsCompleted => false;

    public ManualAwaitable GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation)
    {
        _continuation = continuation;
        IsAwaited.SetResult();
    }

    public void End() => _continuation!();
}
