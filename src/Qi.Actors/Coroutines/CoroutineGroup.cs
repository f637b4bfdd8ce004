using System.Threading.Channels;

namespace Qi.Actors.Coroutines;

/// <summary>Coroutines that were spawned together, and the order in which they end. Disposing it cancels those that have not.</summary>
internal sealed class CoroutineGroup<T> : IDisposable
{
    private readonly JoinHandle<T>[] _handles;
    private readonly Channel<int> _ends = Channel.CreateUnbounded<int>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    public CoroutineGroup(IReadOnlyList<Coroutine<T>> coroutines)
    {
        ArgumentNullException.ThrowIfNull(coroutines);
        _handles = new JoinHandle<T>[coroutines.Count];
        for (int i = 0; i < _handles.Length; i++)
        {
            _handles[i] = Coroutine.Spawn(coroutines[i]);
            var join = new EndJoin(_ends.Writer, i);
            if (!_handles[i].Box.TryAddJoiner(join))
                join.Complete();
        }
    }

    public JoinHandle<T> this[int index] => _handles[index];

    /// <summary>The index of the next one to end.</summary>
    public ValueTask<int> NextEndAsync() => _ends.Reader.ReadAsync();

    /// <summary>Throws what an ended one failed with.</summary>
    public void ThrowIfFailed(int index) => _handles[index].Box.ThrowIfUnsuccessful();

    /// <summary>The results, when all have ended well.</summary>
    public T[] Results() => Array.ConvertAll(_handles, static handle => handle.Box.Result!);

    public void Dispose()
    {
        foreach (var handle in _handles)
        {
            if (!handle.IsDone)
                handle.Cancel();
        }
    }

    private sealed class EndJoin(ChannelWriter<int> ends, int index) : JoinNode
    {
        public override void Complete() => ends.TryWrite(index);
    }
}
