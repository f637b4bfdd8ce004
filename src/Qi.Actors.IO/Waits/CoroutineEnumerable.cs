// An async iterator cannot be disposed of in the middle of a move, so a coroutine waits for each move to its end (ForeignWake). These moves are ended by its cancel: they have
// a token of their own, which is cancelled with the coroutine that awaits one.

namespace Qi.Actors.IO;

/// <summary>Items of an async iterator, for coroutines and others.</summary>
internal sealed class CoroutineEnumerable<T>(Func<CancellationToken, IAsyncEnumerator<T>> begin) : IAsyncEnumerable<T>
{
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        => Coroutine.IsInside ? new Enumerator(begin, cancellationToken) : begin(cancellationToken);

    private sealed class Enumerator : IAsyncEnumerator<T>
    {
        private readonly CancellationTokenSource _cancel = new();
        private readonly CancellationToken _callers;
        private readonly CancellationTokenRegistration _registration;
        private readonly IAsyncEnumerator<T> _items;

        public Enumerator(Func<CancellationToken, IAsyncEnumerator<T>> begin, CancellationToken cancellationToken)
        {
            _callers = cancellationToken;
            _registration = cancellationToken.UnsafeRegister(static cancel => ((CancellationTokenSource)cancel!).Cancel(), _cancel);
            _items = begin(_cancel.Token);
        }

        public T Current => _items.Current;

        public ValueTask<bool> MoveNextAsync() => LentTask<bool>.Of(_items.MoveNextAsync(), _cancel, _callers);

        public ValueTask DisposeAsync()
        {
            _registration.Dispose();
            return _items.DisposeAsync();
        }
    }
}
