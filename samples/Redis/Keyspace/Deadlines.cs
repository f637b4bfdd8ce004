// A binary heap, soonest first, in which each entry knows its place: a deadline that is moved or dropped is found without a search, and nothing is left behind.

namespace Redis.Keyspace;

/// <summary>The entries of a shard that expire, the soonest first.</summary>
internal sealed class Deadlines
{
    private Entry[] _heap = [];

    public int Count { get; private set; }

    /// <summary>The one that expires first; null if none does.</summary>
    public Entry? First => Count > 0 ? _heap[0] : null;

    /// <summary>Gives an entry a deadline, or another one.</summary>
    public void Set(Entry entry, long deadlineMs)
    {
        entry.DeadlineMs = deadlineMs;
        if (!entry.HasDeadline)
        {
            if (Count == _heap.Length)
                Array.Resize(ref _heap, Math.Max(4, Count * 2));
            Put(entry, Count++);
        }

        Settle(entry);
    }

    /// <summary>Takes an entry's deadline away, if it has one.</summary>
    public void Remove(Entry entry)
    {
        if (!entry.HasDeadline)
            return;
        int place = entry.Place;
        entry.Place = Entry.NoPlace;
        var last = _heap[--Count];
        _heap[Count] = null!;
        if (last == entry)
            return;
        Put(last, place);
        Settle(last);
    }

    public void Clear()
    {
        _heap = [];
        Count = 0;
    }

    private void Settle(Entry entry)
    {
        int place = entry.Place;
        while (place > 0 && _heap[(place - 1) / 2] is { } parent && parent.DeadlineMs > entry.DeadlineMs)
        {
            Put(parent, place);
            place = (place - 1) / 2;
        }

        while ((2 * place) + 1 < Count)
        {
            int child = (2 * place) + 1;
            if (child + 1 < Count && _heap[child + 1].DeadlineMs < _heap[child].DeadlineMs)
                child++;
            if (_heap[child].DeadlineMs >= entry.DeadlineMs)
                break;
            Put(_heap[child], place);
            place = child;
        }

        Put(entry, place);
    }

    private void Put(Entry entry, int place)
    {
        _heap[place] = entry;
        entry.Place = place;
    }
}
