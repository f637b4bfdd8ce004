using FsCheck;

using Qi.Actors.Collections;
using Qi.Actors.Coroutines;
using Qi.Actors.Properties.Tests.Kit;

namespace Qi.Actors.Properties.Tests.Coroutines;

/// <summary>Messages of several types and a selective receive, against a list that is searched from its front.</summary>
internal sealed class InboxProperties
{
    private static readonly Gen<Step<Mail>> s_steps = Steps.Of(
        (2, Steps.Just<Mail>(new PushInt())),
        (2, Steps.Just<Mail>(new PushText())),
        (1, Steps.Just<Mail>(new PushBoxed())),
        (2, Steps.Just<Mail>(new Take<int>())),
        (2, Steps.Just<Mail>(new Take<string>())),
        (1, Steps.Just<Mail>(new Take<object>())),
        (1, Steps.Just<Mail>(new Take<long>())),
        (1, Steps.Just<Mail>(new CountAll())));

    [Test]
    public void Messages_ReceivedByType_MatchTheModel() => Programs.Check(
        static () => new Mail(),
        s_steps,
        static mail =>
        {
            while (mail.Model.Count > 0)
                new Take<object>().Run(mail);
            new CountAll().Run(mail);
        },
        runs: 3_000);

    private sealed class Mail
    {
        private int _lastNumber;

        public Inbox Inbox { get; } = new();

        public ReferenceMagazine Nodes { get; } = new();

        /// <summary>The messages in the order in which they were sent.</summary>
        public List<object> Model { get; } = [];


        public int Next() => ++_lastNumber;

        public void Push<T>(T message)
        {
            Inbox.Push(MessageNode.Rent(message, Nodes));
            Model.Add(message!);
            Expect.Equal(Inbox.HasArrivals, true);
        }
    }

    private sealed record PushInt : Step<Mail>
    {
        public override void Run(Mail subject) => subject.Push(subject.Next());
    }

    private sealed record PushText : Step<Mail>
    {
        public override void Run(Mail subject) => subject.Push($"text {subject.Next()}");
    }

    private sealed record PushBoxed : Step<Mail>
    {
        public override void Run(Mail subject) => subject.Push<object>(subject.Next());
    }

    private sealed record Take<T> : Step<Mail>
    {
        public override void Run(Mail subject)
        {
            int index = subject.Model.FindIndex(message => message is T);
            var node = subject.Inbox.TryTake(ReceiveWait<T>.Shared);
            Expect.Equal(node is not null, index >= 0, "something was taken");
            if (node is null)
            {
                Expect.Equal(subject.Inbox.HasArrivals, false, "arrivals after a look at all of them");
                return;
            }

            Expect.Equal(node.Next, null);
            Expect.Equal<object?>(ReceiveWait<T>.Take(node, subject.Nodes), subject.Model[index], "the message");
            subject.Model.RemoveAt(index);
        }
    }

    private sealed record CountAll : Step<Mail>
    {
        public override void Run(Mail subject)
        {
            Expect.Equal(subject.Inbox.Count, subject.Model.Count);
            Expect.Equal(subject.Inbox.HasArrivals, false);
        }
    }
}
