// A tree in which each node makes ten children, down to the leaves, which answer with their own number; each node answers with
// the sum. Qi's actors stop themselves afterwards, as they must; stock blocks and tasks are left to the collector.

using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads;

/// <summary>Skynet: how fast a tree of parties is made, talks and goes.</summary>
public static class Skynet
{
    private const int Children = 10;

    public static Workload Workload { get; } = new(
        "skynet",
        "leaf",
        1_000_000,
        size => Total.Of(Leaves(size) - 1),
        new("Qi", Qi),
        new("Qi coroutine", Coroutines),
        new("ActionBlock", ActionBlocks),
        new("Task", Tasks)) { Fit = static size => (int)Leaves(size) };

    /// <summary>The largest power of ten within the size.</summary>
    public static long Leaves(int size)
    {
        long leaves = 1;
        while (leaves * Children <= size)
            leaves *= Children;
        return leaves;
    }

    public static long Qi(ActorSystem system, int size)
    {
        var total = new Total(1);
        var top = system.Spawn(() => new TotalActor(total));
        _ = system.Spawn(static seed => new Node(seed), new Seed(top, 0, Leaves(size)));
        return Tell.Finish(total, top);
    }

    public static long Coroutines(ActorSystem system, int size) => system.BlockOn(() => Grow(system, 0, Leaves(size)));

    public static long ActionBlocks(ActorSystem system, int size)
    {
        var total = new Total(1);
        var top = new ActionBlock<Item>(total.Add);
        BlockNode.Start(top, 0, Leaves(size));
        return total.Done.GetAwaiter().GetResult();
    }

    public static long Tasks(ActorSystem system, int size) => Task.Run(() => GrowTask(0, Leaves(size))).GetAwaiter().GetResult();

    private static async Coroutine<long> Grow(ActorSystem system, long number, long leaves)
    {
        if (leaves == 1)
            return number;
        long share = leaves / Children;
        var children = new JoinHandle<long>[Children];
        for (int i = 0; i < Children; i++)
            children[i] = system.Spawn(Grow(system, number + (i * share), share));
        long sum = 0;
        foreach (var child in children)
            sum += await child;
        return sum;
    }

    private static async Task<long> GrowTask(long number, long leaves)
    {
        if (leaves == 1)
            return number;
        long share = leaves / Children;
        var children = new Task<long>[Children];
        for (int i = 0; i < Children; i++)
        {
            long first = number + (i * share);
            children[i] = Task.Run(() => GrowTask(first, share));
        }

        long sum = 0;
        foreach (var child in children)
            sum += await child.ConfigureAwait(false);
        return sum;
    }

    // What a node is made of: an argument of its factory, which captures nothing then.
    private readonly record struct Seed(ActorRef<Item> Parent, long Number, long Leaves);

    private sealed class Node(Seed seed) : Actor<Item>
    {
        private readonly Seed _seed = seed;
        private int _left = Children;
        private long _sum;

        protected override void OnStarted()
        {
            if (_seed.Leaves == 1)
            {
                Answer(_seed.Number);
                return;
            }

            long share = _seed.Leaves / Children;
            for (int i = 0; i < Children; i++)
                _ = System.Spawn(static seed => new Node(seed), new Seed(Self, _seed.Number + (i * share), share));
        }

        protected override void Receive(Item message)
        {
            _sum += message.Number;
            if (--_left == 0)
                Answer(_sum);
        }

        private void Answer(long sum)
        {
            _seed.Parent.Tell(new Item(sum));
            Self.Complete();
        }
    }

    // The first message, from the parent, is the order to begin; the others are the children's answers.
    private sealed class BlockNode
    {
        private readonly ActionBlock<Item> _block;
        private readonly ActionBlock<Item> _parent;
        private readonly long _number;
        private readonly long _leaves;
        private bool _hasBegun;
        private int _left = Children;
        private long _sum;

        private BlockNode(ActionBlock<Item> parent, long number, long leaves)
        {
            _parent = parent;
            _number = number;
            _leaves = leaves;
            _block = new ActionBlock<Item>(Receive);
        }

        public static void Start(ActionBlock<Item> parent, long number, long leaves) => new BlockNode(parent, number, leaves)._block.Post(default);

        private void Receive(Item message)
        {
            if (_hasBegun)
            {
                _sum += message.Number;
                if (--_left == 0)
                    _parent.Post(new Item(_sum));
                return;
            }

            _hasBegun = true;
            if (_leaves == 1)
            {
                _parent.Post(new Item(_number));
                return;
            }

            long share = _leaves / Children;
            for (int i = 0; i < Children; i++)
                Start(_block, _number + (i * share), share);
        }
    }
}
