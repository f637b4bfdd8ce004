using FsCheck;

using Qi.Actors.Collections;
using Qi.Actors.Properties.Tests.Kit;

namespace Qi.Actors.Properties.Tests.Collections;

/// <summary>Two magazines and their depot: no node is given to two, and none is made while the magazine at hand has one.</summary>
internal sealed class MagazineProperties
{
    private const int DepotLimit = 3;

    private static readonly Gen<Step<Threads>> s_steps = Steps.Of(
        (5, Steps.With<Threads>(1, 150, static (thread, count) => new Rent(thread, count))),
        (5, Steps.With<Threads>(1, 150, static (thread, count) => new Return(thread, count))),
        (1, Steps.With<Threads>(1, static thread => new ReturnFull(thread))),
        (1, Steps.Just<Threads>(new Trim())));

    [Test]
    public void Nodes_RentedAndReturnedAtRandom_MatchTheModel() => Programs.Check(static () => new Threads(), s_steps, runs: 2_000, longest: 60);

    private sealed class Threads
    {
        private readonly HashSet<MessageNode> _rented = new(ReferenceEqualityComparer.Instance);
        private readonly Model[] _models;
        private readonly TestMagazine[] _magazines;
        private int _leastSinceTrim;

        public Threads()
        {
            Depot = new MagazineDepot(DepotLimit);
            _magazines = [new(Depot), new(Depot)];
            _models = [new(this), new(this)];
        }

        public MagazineDepot Depot { get; }

        /// <summary>How many chains wait in the depot, as the model says.</summary>
        public int InDepot { get; private set; }

        public int Rented => _rented.Count;

        public void Rent(int thread)
        {
            int madeBefore = _magazines[thread].Made;
            bool isMade = _models[thread].Rent();
            var node = _magazines[thread].Rent();
            Expect.True(_rented.Add(node), "the node was free");
            Expect.Equal(node.Next, null);
            Expect.Equal(node.Context, null);
            Expect.Equal(_magazines[thread].Made - madeBefore, isMade ? 1 : 0, "nodes made");
            Expect.Equal(Depot.Count, InDepot);
        }

        public MessageNode TakeRented()
        {
            var node = _rented.First();
            _rented.Remove(node);
            return node;
        }

        public void Return(int thread)
        {
            _models[thread].Return();
            _magazines[thread].Return(TakeRented());
            Expect.Equal(Depot.Count, InDepot);
        }

        public void ReturnFull(int thread)
        {
            MessageNode? chain = null;
            for (int i = 0; i < Magazine.Size; i++)
            {
                var node = TakeRented();
                node.Next = chain;
                chain = node;
            }

            _models[thread].ReturnFull();
            _magazines[thread].ReturnFull(chain!);
            Expect.Equal(Depot.Count, InDepot);
        }

        public void Trim()
        {
            Depot.Trim();
            InDepot -= (_leastSinceTrim + 1) / 2;
            _leastSinceTrim = InDepot;
            Expect.Equal(Depot.Count, InDepot);
        }

        public bool TakeFromDepot()
        {
            if (InDepot == 0)
                return false;
            InDepot--;
            _leastSinceTrim = Math.Min(_leastSinceTrim, InDepot);
            return true;
        }

        public void PutIntoDepot() => InDepot = Math.Min(DepotLimit, InDepot + 1);
    }

    private sealed class Model(Threads threads)
    {
        private int _loaded;
        private bool _hasFull;

        // True if a node must be made.
        public bool Rent()
        {
            if (_loaded > 0)
            {
                _loaded--;
                return false;
            }

            if (!_hasFull && !threads.TakeFromDepot())
                return true;
            _hasFull = false;
            _loaded = Magazine.Size - 1;
            return false;
        }

        public void Return()
        {
            if (++_loaded < Magazine.Size)
                return;
            _loaded = 0;
            ReturnFull();
        }

        public void ReturnFull()
        {
            if (_hasFull)
                threads.PutIntoDepot();
            _hasFull = true;
        }
    }

    private sealed class TestMagazine(MagazineDepot depot) : Magazine(depot)
    {
        public int Made { get; private set; }

        protected override MessageNode Create()
        {
            Made++;
            return new ReferenceNode();
        }
    }

    private sealed record Rent(int Thread, int Count) : Step<Threads>
    {
        public override void Run(Threads subject)
        {
            for (int i = 0; i < Count; i++)
                subject.Rent(Thread);
        }
    }

    private sealed record Return(int Thread, int Count) : Step<Threads>
    {
        public override void Run(Threads subject)
        {
            for (int i = 0; i < Count && subject.Rented > 0; i++)
                subject.Return(Thread);
        }
    }

    private sealed record ReturnFull(int Thread) : Step<Threads>
    {
        public override void Run(Threads subject)
        {
            if (subject.Rented >= Magazine.Size)
                subject.ReturnFull(Thread);
        }
    }

    private sealed record Trim : Step<Threads>
    {
        public override void Run(Threads subject) => subject.Trim();
    }
}
