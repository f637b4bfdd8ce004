// Where full magazines wait on their way from threads that receive to threads that send.
//
// How many are worth keeping depends on the load: a mailbox that once held a million messages gives a million nodes back. So the
// depot keeps plenty, and gives up half of what no thread has needed since the last full collection at the next one. A system that
// goes quiet loses its free nodes after a few collections; one that is busy keeps what it uses.
//
// Under the lock: everything. The trimmer is an unreachable object whose finalizer registers it again: it survives into the oldest
// generation, and from then on runs after full collections only. It knows the depot weakly.

namespace Qi.Actors.Collections;

/// <summary>Full magazines of one kind of node. Any thread.</summary>
internal sealed class MagazineDepot
{
    private const int DefaultLimit = 16_384;

    private readonly Lock _lock = new();
    private MessageNode?[] _chains = new MessageNode?[64];
    private readonly int _limit;
    private int _count;
    private int _leastSinceTrim;

    public MagazineDepot(int limit = DefaultLimit)
    {
        _limit = limit;
        _ = new Trimmer(new WeakReference<MagazineDepot>(this));
    }

    /// <summary>How many magazines wait. A snapshot.</summary>
    public int Count => _count;

    /// <summary>Takes a chain of <see cref="Magazine.Size"/> nodes, or null.</summary>
    public MessageNode? TryTake()
    {
        if (_count == 0)
            return null; // A stale zero costs one allocation.
        lock (_lock)
        {
            if (_count == 0)
                return null;
            var chain = _chains[--_count];
            _chains[_count] = null;
            _leastSinceTrim = Math.Min(_leastSinceTrim, _count);
            return chain;
        }
    }

    /// <summary>Keeps a chain, if there is room.</summary>
    public void Put(MessageNode chain)
    {
        lock (_lock)
        {
            if (_count == _limit)
                return;
            if (_count == _chains.Length)
                Array.Resize(ref _chains, _chains.Length * 2);
            _chains[_count++] = chain;
        }
    }

    /// <summary>Gives up half of what nobody has needed since the last call.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            int surplus = (_leastSinceTrim + 1) / 2;
            Array.Clear(_chains, _count - surplus, surplus);
            _count -= surplus;
            _leastSinceTrim = _count;
        }
    }

    private sealed class Trimmer(WeakReference<MagazineDepot> depot)
    {
        ~Trimmer()
        {
            if (!depot.TryGetTarget(out var target) || Environment.HasShutdownStarted)
                return;
            if (GC.GetGeneration(this) == GC.MaxGeneration)
                target.Trim();
            GC.ReRegisterForFinalize(this);
        }
    }
}
