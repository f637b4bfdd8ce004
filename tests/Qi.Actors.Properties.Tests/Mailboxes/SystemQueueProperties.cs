using FsCheck;

using Qi.Actors.Mailboxes;
using Qi.Actors.Properties.Tests.Kit;

namespace Qi.Actors.Properties.Tests.Mailboxes;

/// <summary>System messages and the Held mark, against a list and a flag.</summary>
internal sealed class SystemQueueProperties
{
    private static readonly Gen<Step<Queues>> s_steps = Steps.Of(
        (4, Steps.Just<Queues>(new Push())),
        (2, Steps.Just<Queues>(new TakeAll())),
        (2, Steps.Just<Queues>(new Hold())),
        (1, Steps.Just<Queues>(new WakeHeld())));

    [Test]
    public void Messages_AtRandom_MatchTheModel()
        => Programs.Check(static () => new Queues(), s_steps, static queues => new TakeAll().Run(queues), runs: 3_000, longest: 50);

    private sealed class Queues
    {
        private SystemQueue _queue;

        public List<SystemMessage> Model { get; } = [];

        public bool IsHeld { get; set; }

        public ref SystemQueue Queue => ref _queue;

        public void Verify() => Expect.Equal(_queue.HasMessages, Model.Count > 0);
    }

    private sealed class Message : SystemMessage;

    private sealed record Push : Step<Queues>
    {
        public override void Run(Queues subject)
        {
            var message = new Message();
            var expected = subject.IsHeld ? Wakeup.Schedule : subject.Model.Count == 0 ? Wakeup.Poke : Wakeup.None;
            Expect.Equal(subject.Queue.Push(message), expected);
            subject.IsHeld = false;
            subject.Model.Add(message);
            subject.Verify();
        }
    }

    private sealed record TakeAll : Step<Queues>
    {
        public override void Run(Queues subject)
        {
            var taken = new List<SystemMessage>();
            for (var message = subject.Queue.TakeAll(); message is not null; message = message.Next)
                taken.Add(message);
            Expect.Sequence(taken, subject.Model, "the messages");
            subject.Model.Clear();
            subject.Verify();
        }
    }

    private sealed record Hold : Step<Queues>
    {
        public override void Run(Queues subject)
        {
            bool isEmpty = subject.Model.Count == 0 && !subject.IsHeld;
            Expect.Equal(subject.Queue.TryHold(), isEmpty);
            subject.IsHeld |= isEmpty;
            subject.Verify();
        }
    }

    private sealed record WakeHeld : Step<Queues>
    {
        public override void Run(Queues subject)
        {
            Expect.Equal(subject.Queue.TryWakeHeld(), subject.IsHeld);
            subject.IsHeld = false;
            subject.Verify();
        }
    }
}
