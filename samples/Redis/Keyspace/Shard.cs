namespace Redis.Keyspace;

/// <summary>A part of the keys. Everything whose name ends in Locked is called by who holds <see cref="Gate"/>.</summary>
internal sealed class Shard
{
    private readonly Clock _clock;
    private readonly Dictionary<byte[], Entry> _entries = new(ByteStrings.Comparer);
    private readonly Dictionary<byte[], Entry>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly Deadlines _deadlines = new();

    public Shard(Clock clock)
    {
        _clock = clock;
        _lookup = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The lock. It is held for one command, and never across an await.</summary>
    public Lock Gate { get; } = new();

    public int CountLocked => _entries.Count;

    public int DeadlineCountLocked => _deadlines.Count;

    /// <summary>The entry of a key; null if there is none, or it has expired.</summary>
    public Entry? FindLocked(ReadOnlySpan<byte> key)
    {
        if (!_lookup.TryGetValue(key, out var entry))
            return null;
        if (!entry.HasDeadline || entry.DeadlineMs > _clock.NowMs)
            return entry;
        RemoveLocked(entry);
        return null;
    }

    /// <summary>The entry of a key that has none yet.</summary>
    public Entry AddLocked(ReadOnlySpan<byte> key)
    {
        var entry = new Entry(key.ToArray());
        _entries.Add(entry.Key, entry);
        return entry;
    }

    /// <summary>Gives a key a value, and no deadline.</summary>
    public Entry SetLocked(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_lookup.TryGetValue(key, out var entry))
            _deadlines.Remove(entry);
        else
            entry = AddLocked(key);
        entry.Set(value);
        return entry;
    }

    public void SetDeadlineLocked(Entry entry, long deadlineMs) => _deadlines.Set(entry, deadlineMs);

    public void RemoveLocked(Entry entry)
    {
        _deadlines.Remove(entry);
        _entries.Remove(entry.Key);
    }

    public void ClearLocked()
    {
        _deadlines.Clear();
        _entries.Clear();
        _entries.TrimExcess();
    }

    /// <summary>Removes what has expired, as far as so many. True if there may be more.</summary>
    public bool SweepLocked(int most)
    {
        if (_deadlines.Count == 0)
            return false;
        long now = _clock.NowMs;
        for (int removed = 0; removed < most; removed++)
        {
            if (_deadlines.First is not { } first || first.DeadlineMs > now)
                return false;
            RemoveLocked(first);
        }

        return true;
    }
}
