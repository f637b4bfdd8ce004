// The source side of the offering protocol: what an actor's output does is what a stock block does, for the same links, answers,
// reservations and ends. Both are brought to rest after each step: the actor's system has one dispatcher and the stock block a scheduler
// that runs one task at a time, so a task that has run tells that those before it have.

using System.Threading.Tasks.Dataflow;

using FsCheck;
using FsCheck.Fluent;

using Qi.Actors.Properties.Tests.Kit;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Properties.Tests.Actors;

/// <summary>Actors with an output beside stock blocks.</summary>
internal sealed class OutputProperties
{
    private const int Targets = 3;

    private static readonly DataflowMessageStatus[] s_answers
        = [DataflowMessageStatus.Accepted, DataflowMessageStatus.Declined, DataflowMessageStatus.Postponed];

    private static readonly Gen<int> s_targets = Gen.Choose(0, Targets - 1);

    private static readonly Gen<Step<Pair>> s_steps = Steps.Of(
        (10, Steps.Just<Pair>(new Feed())),
        (6, s_targets.Zip(Gen.Choose(0, 2).Two(), static (target, how) => (Step<Pair>)new Link(target, how.Item1, how.Item2))),
        (2, Steps.With<Pair>(Targets - 1, static target => new Unlink(target))),
        (5, Steps.With<Pair>(Targets - 1, 2, static (target, answer) => new SetAnswer(target, answer))),
        (4, Steps.With<Pair>(Targets - 1, static target => new Consume(target))),
        (4, Steps.With<Pair>(Targets - 1, static target => new Reserve(target))),
        (3, Steps.With<Pair>(Targets - 1, static target => new Release(target))),
        (3, Steps.With<Pair>(2, static filter => new Receive(filter))),
        (1, Steps.Just<Pair>(new ReceiveAll())),
        (1, Gen.Elements<Step<Pair>>(new End(false), new End(true))));

    [Test]
    public void Output_BesideABufferBlock_DoesTheSame()
        => Check(static scheduler => new BufferBlock<int>(new DataflowBlockOptions { TaskScheduler = scheduler }));

    [Test]
    public void Output_BesideATransformBlock_DoesTheSame()
        => Check(static scheduler => new TransformBlock<int, int>(static value => value, new ExecutionDataflowBlockOptions { TaskScheduler = scheduler }));

    private static void Check(Func<TaskScheduler, IPropagatorBlock<int, int>> create)
        => Programs.Check(() => new Pair(create), s_steps, static pair => pair.Finish(), runs: 60, longest: 50);

    private sealed class Pair : IDisposable
    {
        private readonly TestSystem _system = TestSystem.WithOneDispatcher();
        private readonly TaskScheduler _scheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        private readonly Side _actor;
        private readonly Side _stock;
        private int _lastValue;
        private bool _hasEnded;

        public Pair(Func<TaskScheduler, IPropagatorBlock<int, int>> create)
        {
            _actor = new Side(_system.Actors.SpawnTransform<int, int>(static value => value), _system.Actors.TaskScheduler);
            _stock = new Side(create(_scheduler), _scheduler);
        }

        public void Feed()
        {
            int value = ++_lastValue;
            Do(side => Expect.Equal(side.Block.Post(value), true));
        }

        /// <summary>Does the same to both, and compares what their targets have noted.</summary>
        public void Do(Action<Side> step)
        {
            if (_hasEnded)
                return;
            foreach (var side in new[] { _stock, _actor })
            {
                step(side);
                Wait.Barrier(side.Scheduler);
            }

            Expect.Sequence(_actor.Calls.ToArray(), _stock.Calls.ToArray(), "what the calls did to the actor");
            Expect.Sequence(_actor.Offers.ToArray(), _stock.Offers.ToArray(), "what the actor's targets saw");
        }

        // How fast the end travels is left to each; so nothing else follows.
        public void End(bool isFault)
        {
            if (_hasEnded)
                return;
            _hasEnded = true;
            foreach (var side in new[] { _stock, _actor })
            {
                if (isFault)
                    side.Block.Fault(new InvalidOperationException("enough"));
                else
                    side.Block.Complete();
            }
        }

        public void Finish()
        {
            End(isFault: false);
            foreach (var side in new[] { _stock, _actor })
            {
                Wait.Barrier(side.Scheduler);
                side.GiveUpReservations();
                side.Block.LinkTo(DataflowBlock.NullTarget<int>());
                Wait.ForEnd(side.Block.Completion, "Completion");
            }

            Expect.Equal(_actor.Block.Completion.Status, _stock.Block.Completion.Status);
            Wait.Equal(_actor.Offers.ToArray, _stock.Offers.ToArray(), "what the actor's targets saw in the end");
        }

        public void Dispose() => Wait.For(_system.DisposeAsync().AsTask(), "the end of the system");
    }

    private sealed class Side
    {
        private readonly ScriptedTarget[] _targets;
        private readonly IDisposable?[] _links = new IDisposable?[Targets];

        public Side(IPropagatorBlock<int, int> block, TaskScheduler scheduler)
        {
            Block = block;
            Scheduler = scheduler;
            _targets = [.. Enumerable.Range(0, Targets).Select(target => new ScriptedTarget($"target {target}", Offers, Calls))];
        }

        public IPropagatorBlock<int, int> Block { get; }

        public TaskScheduler Scheduler { get; }

        public IReceivableSourceBlock<int> Source => (IReceivableSourceBlock<int>)Block;

        public ScriptedTarget this[int target] => _targets[target];

        public Notes Offers { get; } = new();

        public Notes Calls { get; } = new();

        public void Link(int target, int maxMessages, int kind)
        {
            Unlink(target);
            var options = new DataflowLinkOptions { MaxMessages = maxMessages == 0 ? -1 : maxMessages, Append = kind != 2, PropagateCompletion = true };
            _links[target] = kind == 1
                ? Block.LinkTo(_targets[target], options, static value => value % 2 == 0)
                : Block.LinkTo(_targets[target], options);
        }

        public void Unlink(int target) => _links[target]?.Dispose();

        // A reservation that nobody gives up would keep the block from ending. Offers begin with the first that is given up: so all
        // answers come before, one after the other.
        public void GiveUpReservations()
        {
            foreach (var target in _targets)
                target.Answer = DataflowMessageStatus.Accepted;
            foreach (var target in _targets)
            {
                target.Release();
                Wait.Barrier(Scheduler);
            }
        }
    }

    private sealed record Feed : Step<Pair>
    {
        public override void Run(Pair subject) => subject.Feed();
    }

    /// <summary>Kind 1 has a filter, kind 2 is put before the other links.</summary>
    private sealed record Link(int Target, int MaxMessages, int Kind) : Step<Pair>
    {
        public override void Run(Pair subject) => subject.Do(side => side.Link(Target, MaxMessages, Kind));
    }

    private sealed record Unlink(int Target) : Step<Pair>
    {
        public override void Run(Pair subject) => subject.Do(side => side.Unlink(Target));
    }

    private sealed record SetAnswer(int Target, int Answer) : Step<Pair>
    {
        public override void Run(Pair subject) => subject.Do(side => side[Target].Answer = s_answers[Answer]);
    }

    private sealed record Consume(int Target) : Step<Pair>
    {
        public override void Run(Pair subject) => subject.Do(side => side[Target].Consume());
    }

    private sealed record Reserve(int Target) : Step<Pair>
    {
        public override void Run(Pair subject) => subject.Do(side => side[Target].Reserve());
    }

    private sealed record Release(int Target) : Step<Pair>
    {
        public override void Run(Pair subject) => subject.Do(side => side[Target].Release());
    }

    /// <summary>With filter 1 or 2, only a value of that remainder.</summary>
    private sealed record Receive(int Filter) : Step<Pair>
    {
        public override void Run(Pair subject) => subject.Do(side =>
        {
            Predicate<int>? filter = Filter == 0 ? null : value => value % 3 == Filter;
            side.Calls.Add(side.Source.TryReceive(filter, out int item) ? $"received {item}" : "nothing to receive");
        });
    }

    private sealed record ReceiveAll : Step<Pair>
    {
        public override void Run(Pair subject) => subject.Do(side =>
            side.Calls.Add(side.Source.TryReceiveAll(out var items) ? $"received {string.Join(", ", items)}" : "nothing to receive"));
    }

    private sealed record End(bool IsFault) : Step<Pair>
    {
        public override void Run(Pair subject) => subject.End(IsFault);
    }
}
