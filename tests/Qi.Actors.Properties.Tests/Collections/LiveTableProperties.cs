using FsCheck;
using FsCheck.Fluent;

using Qi.Actors.Collections;
using Qi.Actors.Properties.Tests.Kit;

namespace Qi.Actors.Properties.Tests.Collections;

/// <summary>Two threads with slots of their own and the shared owner, against a dictionary.</summary>
/// <remarks>Owner 0 is the shared one. A new chunk is made only when those of an owner are full; so the slots in use are bounded.</remarks>
internal sealed class LiveTableProperties
{
    private const int ChunkSize = 1_024;

    // An owner looks at no more than so many of its chunks before it makes another one.
    private const int LooksAt = 8;

    private static readonly Gen<Step<Tables>> s_steps = Steps.Of(
        (5, Steps.With<Tables>(2, 700, static (owner, count) => new Add(owner, count))),
        (4, Gen.Choose(0, 2).Zip(Gen.Choose(0, 700).Two(), static (owner, range) => (Step<Tables>)new Remove(owner, range.Item1, range.Item2))),
        (1, Steps.With<Tables>(2, static owner => new EndThread(owner))));

    [Test]
    public void Items_ThatComeAndGoAtRandom_MatchTheModel() => Programs.Check(static () => new Tables(), s_steps, runs: 500, longest: 40);

    private sealed class Tables
    {
        private readonly LiveTable<object> _table = new();
        private readonly LiveTable<object>.Owner?[] _owners = [null, new(), new()];
        private readonly Books[] _books = [new(), new(), new()];
        private readonly List<(int Slot, object Item, int Chunk)> _living = [];
        private readonly Dictionary<int, object> _bySlot = [];
        private readonly Dictionary<int, Books> _chunkOwners = [];

        public void Add(int owner)
        {
            var books = _books[owner];
            bool isChunkMade = books.Living == books.Chunks * ChunkSize;
            if (isChunkMade && books.Chunks == LooksAt)
                return;
            object item = new();
            int slot = _table.Add(item, _owners[owner]);
            Expect.True(_bySlot.TryAdd(slot, item), $"slot {slot} was free");
            int chunk = slot / ChunkSize;
            Expect.Equal(_chunkOwners.TryAdd(chunk, books), isChunkMade, "a new chunk is made");
            Expect.Equal(_chunkOwners[chunk], books, "the owner of the slot");
            books.Chunks += isChunkMade ? 1 : 0;
            books.Living++;
            _living.Add((slot, item, chunk));
        }

        public void Remove(int owner, int at, int count)
        {
            for (int i = 0; i < count && _living.Count > 0; i++)
            {
                int index = at % _living.Count;
                var (slot, _, chunk) = _living[index];
                _living.RemoveAt(index);
                _bySlot.Remove(slot);
                _chunkOwners[chunk].Living--;
                _table.Remove(slot, _owners[owner]);
            }
        }

        public void EndThread(int owner)
        {
            if (_owners[owner] is not { } ending || _books[0].Chunks + _books[owner].Chunks > LooksAt)
                return;
            _table.Adopt(ending);
            foreach (int chunk in _chunkOwners.Keys.Where(chunk => _chunkOwners[chunk] == _books[owner]).ToArray())
                _chunkOwners[chunk] = _books[0];
            _books[0].Chunks += _books[owner].Chunks;
            _books[0].Living += _books[owner].Living;
            _books[owner] = new Books();
        }

        public void Verify()
        {
            var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
            _table.ForEach(item => Expect.True(seen.Add(item), "an item is seen once"));
            Expect.Equal(seen.Count, _living.Count);
            Expect.True(_living.TrueForAll(living => seen.Contains(living.Item)), "every living item is seen");
        }

        private sealed class Books
        {
            public int Chunks { get; set; }

            public int Living { get; set; }
        }
    }

    private sealed record Add(int Owner, int Count) : Step<Tables>
    {
        public override void Run(Tables subject)
        {
            for (int i = 0; i < Count; i++)
                subject.Add(Owner);
            subject.Verify();
        }
    }

    /// <summary>A thread ends items of its own and of others.</summary>
    private sealed record Remove(int Owner, int At, int Count) : Step<Tables>
    {
        public override void Run(Tables subject)
        {
            subject.Remove(Owner, At, Count);
            subject.Verify();
        }
    }

    private sealed record EndThread(int Owner) : Step<Tables>
    {
        public override void Run(Tables subject)
        {
            subject.EndThread(Owner);
            subject.Verify();
        }
    }
}
