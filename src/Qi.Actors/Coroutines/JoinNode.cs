namespace Qi.Actors.Coroutines;

/// <summary>Somebody who waits for a coroutine's end.</summary>
internal abstract class JoinNode
{
    /// <summary>Stands in a coroutine that has ended.</summary>
    public static readonly JoinNode Done = new DoneNode();

    public JoinNode? Next;

    /// <summary>The coroutine has ended. Must be short and must not throw.</summary>
    public abstract void Complete();

    private sealed class DoneNode : JoinNode
    {
        public override void Complete()
        {
        }
    }
}

/// <summary>A coroutine that waits. Its epoch makes a late completion harmless.</summary>
internal sealed class CoroutineJoin(CoroutineBox waiter) : JoinNode
{
    public int Epoch;

    public override void Complete() => waiter.Wake(Epoch);
}

/// <summary>A task that ends when the coroutine has: success here only means that; the handle tells how.</summary>
internal sealed class TaskJoin : JoinNode
{
    private readonly TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => _source.Task;

    public override void Complete() => _source.TrySetResult();
}
