// The keys lie in shards with a lock each, and a connection's coroutine does its commands itself, on the dispatcher that has read them.
//   D1. A lock is held for the work on the values alone (some 50 ns) and never across an await, so hardly anybody ever waits for one.
//   D2. Who needs several shards takes their locks in the order of their numbers: a command on several keys is seen whole or not at all, and nobody waits in a ring.
// What was rejected: an actor for each shard. The hop there and back costs more than the command (an ask takes some 80 ns on one dispatcher, and the waking of
// another one some microseconds), and a batch of pipelined commands would have to be split and its replies put in order again. One lock for all was as fast on
// two cores and would not be on sixteen.

using System.Buffers.Binary;
using System.Numerics;

namespace Redis.Keyspace;

/// <summary>All keys.</summary>
internal sealed class Database
{
    private const int ShardBits = 6;
    private const int SweepStep = 64;

    private readonly Shard[] _shards;

    public Database(TimeProvider time)
    {
        Clock = new Clock(time);
        _shards = [.. Enumerable.Range(0, 1 << ShardBits).Select(_ => new Shard(Clock))];
    }

    public Clock Clock { get; }

    /// <summary>The shard of a key.</summary>
    public Shard ShardOf(ReadOnlySpan<byte> key) => _shards[IndexOf(key)];

    /// <summary>Takes the locks of several keys, until it is disposed (D2).</summary>
    /// <param name="request">Whose arguments they are.</param>
    /// <param name="first">The first one that is a key.</param>
    /// <param name="step">How far it is from one to the next.</param>
    public Hold Enter(in Protocol.Request request, int first, int step)
    {
        ulong shards = 0;
        for (int i = first; i < request.Count; i += step)
            shards |= 1UL << IndexOf(request[i]);
        return new Hold(_shards, shards);
    }

    /// <summary>How many keys there are, with those that have expired and were not swept yet; and how many of them expire.</summary>
    public (long Keys, long Expiring) Count()
    {
        long keys = 0;
        long expiring = 0;
        foreach (var shard in _shards)
        {
            lock (shard.Gate)
            {
                keys += shard.CountLocked;
                expiring += shard.DeadlineCountLocked;
            }
        }

        return (keys, expiring);
    }

    public void Clear()
    {
        using var all = new Hold(_shards, ulong.MaxValue);
        foreach (var shard in _shards)
            shard.ClearLocked();
    }

    /// <summary>Removes what has expired. A lock is held for some keys only at a time.</summary>
    public void Sweep()
    {
        foreach (var shard in _shards)
        {
            bool mayHaveMore = true;
            while (mayHaveMore)
            {
                lock (shard.Gate)
                    mayHaveMore = shard.SweepLocked(SweepStep);
            }
        }
    }

    // Keys differ in their ends, as a rule. If they do not, they share a lock, which is slower on many cores and right all the same.
    private static int IndexOf(ReadOnlySpan<byte> key)
    {
        ulong end = 0;
        if (key.Length >= sizeof(ulong))
            end = BinaryPrimitives.ReadUInt64LittleEndian(key[^sizeof(ulong)..]);
        else
            foreach (byte symbol in key)
                end = (end << 8) | symbol;
        return (int)((end * 0x9E37_79B9_7F4A_7C15) >> (64 - ShardBits));
    }

    /// <summary>Locks that are held.</summary>
    public readonly ref struct Hold
    {
        private readonly Shard[] _shards;
        private readonly ulong _held;

        public Hold(Shard[] shards, ulong held)
        {
            _shards = shards;
            _held = held;
            for (ulong left = held; left != 0; left &= left - 1)
                shards[BitOperations.TrailingZeroCount(left)].Gate.Enter();
        }

        public void Dispose()
        {
            for (ulong left = _held; left != 0; left &= left - 1)
                _shards[BitOperations.TrailingZeroCount(left)].Gate.Exit();
        }
    }
}
