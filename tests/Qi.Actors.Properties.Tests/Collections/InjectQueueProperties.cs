using FsCheck;
using FsCheck.Fluent;

using Qi.Actors.Collections;
using Qi.Actors.Properties.Tests.Kit;
using Qi.Actors.Scheduling;
using Qi.Actors.Tests.Collections;

namespace Qi.Actors.Properties.Tests.Collections;

/// <summary>Four lanes, single items and batches, and the end, against four queues.</summary>
internal sealed class InjectQueueProperties
{
    private const int RingCapacity = 4;

    private static readonly Gen<Step<Lanes>> s_steps = Steps.Of(
        (6, Steps.With<Lanes>(3, static lane => new Push(lane))),
        (3, Steps.With<Lanes>(3, 6, static (lane, count) => new PushBatch(lane, count))),
        (4, Steps.With<Lanes>(3, static lane => new Pop(lane))),
        (4, Steps.With<Lanes>(3, 8, static (lane, count) => new PopBatch(lane, count))),
        (2, Steps.With<Lanes>(3, static count => new TakeFromRing(count))),
        (1, Gen.Frequency((1, Steps.Just<Lanes>(new Close())), (3, Steps.Just<Lanes>(new Pop(1))))));

    [Test]
    public void Lanes_AtRandom_MatchTheModel() => Programs.Check(static () => new Lanes(), s_steps, static lanes => lanes.Drain(), runs: 4_000);

    private sealed class Lanes
    {
        private int _lastNumber;

        public InjectQueue Queue { get; } = new();

        public Queue<RunItem>[] Models { get; } = [new(), new(), new(), new()];

        public StealQueue<RunItem> Ring { get; } = new(RingCapacity);

        public Queue<RunItem> RingModel { get; } = new();

        public bool IsClosed { get; set; }

        public NumberedItem Next(int lane) => new(++_lastNumber, (Priority)lane);

        public void Verify()
        {
            for (int lane = 0; lane < InjectQueue.Lanes; lane++)
                Expect.Equal(Queue.CountOf((Priority)lane), Models[lane].Count);
            Expect.Equal(Queue.Count, Models.Sum(model => model.Count));
            Expect.Equal(Queue.IsEmpty, Models.All(model => model.Count == 0));
            Expect.Equal(Queue.HasUrgent, Models[2].Count + Models[3].Count > 0);
            Expect.Equal(Queue.IsClosed, IsClosed);
            Queue.AssertInvariants();
        }

        public void Drain()
        {
            for (int lane = 0; lane < InjectQueue.Lanes; lane++)
            {
                while (Models[lane].Count > 0)
                    new Pop(lane).Run(this);
                new Pop(lane).Run(this);
            }
        }
    }

    private sealed record Push(int Lane) : Step<Lanes>
    {
        public override void Run(Lanes subject)
        {
            var item = subject.Next(Lane);
            Expect.Equal(subject.Queue.Push(item), !subject.IsClosed);
            if (!subject.IsClosed)
                subject.Models[Lane].Enqueue(item);
            subject.Verify();
        }
    }

    /// <summary>A chain of items of any lane goes to the lane that its pusher names.</summary>
    private sealed record PushBatch(int Lane, int Count) : Step<Lanes>
    {
        public override void Run(Lanes subject)
        {
            if (Count == 0)
                return;
            NumberedItem[] chain = [.. Enumerable.Range(0, Count).Select(i => subject.Next(i % 4))];
            for (int i = 1; i < Count; i++)
                chain[i - 1].Next = chain[i];
            Expect.Equal(subject.Queue.PushBatch(chain[0], chain[^1], Count, (Priority)Lane), !subject.IsClosed);
            if (!subject.IsClosed)
            {
                foreach (var item in chain)
                    subject.Models[Lane].Enqueue(item);
            }

            subject.Verify();
        }
    }

    private sealed record Pop(int Lane) : Step<Lanes>
    {
        public override void Run(Lanes subject)
        {
            var item = subject.Queue.TryPop((Priority)Lane);
            Expect.Equal(item, subject.Models[Lane].TryDequeue(out var expected) ? expected : null);
            Expect.Equal(item?.Next, null);
            subject.Verify();
        }
    }

    private sealed record PopBatch(int Lane, int Count) : Step<Lanes>
    {
        public override void Run(Lanes subject)
        {
            int max = Math.Max(1, Count);
            var model = subject.Models[Lane];
            int expected = Math.Min(Math.Min(max, RingCapacity - subject.RingModel.Count + 1), model.Count);
            var first = subject.Queue.PopBatch((Priority)Lane, max, subject.Ring);
            Expect.Equal(first, expected == 0 ? null : model.Dequeue());
            Expect.Equal(first?.Next, null);
            for (int i = 1; i < expected; i++)
                subject.RingModel.Enqueue(model.Dequeue());
            Expect.Equal(subject.Ring.Count, subject.RingModel.Count);
            subject.Verify();
        }
    }

    private sealed record TakeFromRing(int Count) : Step<Lanes>
    {
        public override void Run(Lanes subject)
        {
            for (int i = 0; i < Count; i++)
            {
                var item = subject.Ring.TryPop();
                Expect.Equal(item, subject.RingModel.TryDequeue(out var expected) ? expected : null);
                Expect.Equal(item?.Next, null);
            }
        }
    }

    private sealed record Close : Step<Lanes>
    {
        public override void Run(Lanes subject)
        {
            subject.Queue.Close();
            subject.IsClosed = true;
            subject.Verify();
        }
    }
}
