using System.Reflection;

using FsCheck;

using Qi.Actors.Collections;
using Qi.Actors.Properties.Tests.Kit;

namespace Qi.Actors.Properties.Tests.Collections;

/// <summary>Producers that may stop between their two steps, against a list in which an item can be hidden.</summary>
internal sealed class MpscQueueProperties
{
    private static readonly Gen<Step<Queues>> s_steps = Steps.Of(
        (4, Steps.Just<Queues>(new Enqueue())),
        (2, Steps.Just<Queues>(new Announce())),
        (3, Steps.With<Queues>(3, static index => new Link(index))),
        (4, Steps.Just<Queues>(new Dequeue())));

    [Test]
    public void Producers_AtRandom_MatchTheModel()
        => Programs.Check(
            static () => new Queues(),
            s_steps,
            static queues =>
            {
                while (queues.Gaps.Count > 0)
                    new Link(0).Run(queues);
                while (queues.Model.Count > 0)
                    new Dequeue().Run(queues);
            },
            runs: 3_000);

    private sealed class Queues
    {
        private static readonly Type s_nodeType
            = typeof(MpscQueue<>).GetNestedType("Node", BindingFlags.NonPublic)!.MakeGenericType(typeof(int));

        private int _lastNumber;

        public MpscQueue<int> Queue { get; } = new();

        /// <summary>The items in the order in which their producers came, and whether each is linked.</summary>
        public List<(int Number, bool IsLinked)> Model { get; } = [];

        /// <summary>Those announced, with the two nodes to be linked.</summary>
        public List<(int Number, object Before, object Node)> Gaps { get; } = [];

        public int Next() => ++_lastNumber;

        /// <summary>The first half of Enqueue: a producer that is off its core between its two steps.</summary>
        public void Announce()
        {
            int number = Next();
            object node = Activator.CreateInstance(s_nodeType, number)!;
            Gaps.Add((number, Invoke("Announce", node)!, node));
            Model.Add((number, false));
        }

        public void Link(int index)
        {
            var (number, before, node) = Gaps[index];
            Invoke("Link", before, node);
            Gaps.RemoveAt(index);
            Model[Model.FindIndex(item => item.Number == number)] = (number, true);
        }

        public void Verify()
        {
            Expect.Equal(Queue.IsEmpty, Model.Count == 0);
            Queue.AssertInvariants();
        }

        private object? Invoke(string method, params object[] arguments)
            => typeof(MpscQueue<int>)
                .GetMethod(method, BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)!
                .Invoke(Queue, arguments);
    }

    private sealed record Enqueue : Step<Queues>
    {
        public override void Run(Queues subject)
        {
            int number = subject.Next();
            subject.Queue.Enqueue(number);
            subject.Model.Add((number, true));
            subject.Verify();
        }
    }

    private sealed record Announce : Step<Queues>
    {
        public override void Run(Queues subject)
        {
            subject.Announce();
            subject.Verify();
        }
    }

    private sealed record Link(int Index) : Step<Queues>
    {
        public override void Run(Queues subject)
        {
            if (subject.Gaps.Count == 0)
                return;
            subject.Link(Index % subject.Gaps.Count);
            subject.Verify();
        }
    }

    private sealed record Dequeue : Step<Queues>
    {
        public override void Run(Queues subject)
        {
            bool isThere = subject.Model.Count > 0 && subject.Model[0].IsLinked;
            Expect.Equal(subject.Queue.TryDequeue(out int number), isThere);
            if (isThere)
            {
                Expect.Equal(number, subject.Model[0].Number);
                subject.Model.RemoveAt(0);
            }

            subject.Verify();
        }
    }
}
