using FsCheck;

using Qi.Actors.Mailboxes;
using Qi.Actors.Properties.Tests.Kit;

namespace Qi.Actors.Properties.Tests.Mailboxes;

/// <summary>Against a list that is sorted by urgency, equals in the order of arrival.</summary>
internal sealed class PrioritizedQueueProperties
{
    private static readonly Gen<Step<Queues>> s_steps = Steps.Of(
        (5, Steps.With<Queues>(4, static urgency => new Enqueue(urgency - 2))),
        (4, Steps.Just<Queues>(new Dequeue())));

    [Test]
    public void Messages_AtRandom_MatchAStableSort() => Programs.Check(
        static () => new Queues(),
        s_steps,
        static queues =>
        {
            while (queues.Model.Count > 0)
                new Dequeue().Run(queues);
        },
        runs: 2_000);

    internal readonly record struct Message(int Urgency, int Number);

    private sealed class Queues
    {
        private int _lastNumber;

        public PrioritizedQueue<Message> Queue { get; } = new(static message => message.Urgency);

        public List<Message> Model { get; private set; } = [];

        public bool IsSignalled { get; set; }

        public void Enqueue(int urgency)
        {
            var message = new Message(urgency, ++_lastNumber);
            Expect.Equal(Queue.Enqueue(message, out bool mustSignal, out _), EnqueueResult.Accepted);
            Expect.Equal(mustSignal, !IsSignalled);
            IsSignalled = true;
            Model = [.. Model.Append(message).OrderByDescending(waiting => waiting.Urgency)]; // OrderBy is stable.
            Expect.Equal(Queue.Count, Model.Count);
        }
    }

    private sealed record Enqueue(int Urgency) : Step<Queues>
    {
        public override void Run(Queues subject) => subject.Enqueue(Urgency);
    }

    private sealed record Dequeue : Step<Queues>
    {
        public override void Run(Queues subject)
        {
            Expect.Equal(subject.Queue.TryDequeue(out var message), subject.Model.Count > 0);
            if (subject.Model.Count > 0)
            {
                Expect.Equal(message, subject.Model[0]);
                subject.Model.RemoveAt(0);
            }
            else
            {
                subject.IsSignalled = false;
            }

            Expect.Equal(subject.Queue.Count, subject.Model.Count);
        }
    }
}
