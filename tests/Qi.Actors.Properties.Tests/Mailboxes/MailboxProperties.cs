using FsCheck;

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Properties.Tests.Kit;

namespace Qi.Actors.Properties.Tests.Mailboxes;

/// <summary>Senders and the owner's turns, against a queue and the question whether the owner is scheduled.</summary>
internal sealed class MailboxProperties
{
    private static readonly Gen<Step<Mailboxes>> s_steps = Steps.Of(
        (5, Steps.Just<Mailboxes>(new Send())),
        (4, Steps.Just<Mailboxes>(new Handle())),
        (1, Steps.Just<Mailboxes>(new LeaveStart())),
        (1, Steps.Just<Mailboxes>(new ReplaceStart())));

    [TestCase(true)]
    [TestCase(false)]
    public void Messages_AtRandom_MatchTheModel(bool isPrimed) => Programs.Check(
        () => new Mailboxes(isPrimed),
        s_steps,
        static mailbox =>
        {
            while (mailbox.Model.Count > 0)
                new Handle().Run(mailbox);
        },
        runs: 3_000,
        longest: 60);

    private sealed class Mailboxes
    {
        private Mailbox _mailbox;

        public Mailboxes(bool isPrimed)
        {
            IsUntouched = isPrimed;
            if (isPrimed)
                _mailbox.Prime();
            Verify();
        }

        public Queue<MessageNode> Model { get; } = new();

        /// <summary>Primed, and nothing was enqueued since.</summary>
        public bool IsUntouched { get; set; }

        public bool IsIdle => !IsUntouched && Model.Count == 0;

        public ref Mailbox Mailbox => ref _mailbox;

        public void Verify()
        {
            Expect.Equal(_mailbox.IsIdle, IsIdle);
            Expect.Equal(_mailbox.IsUntouched, IsUntouched);
            Expect.Equal(_mailbox.CountAbout(), IsUntouched || IsIdle ? 0 : Model.Count);
            if (Model.Count > 0)
                Expect.Equal(_mailbox.First, Model.Peek());
        }
    }

    private sealed record Send : Step<Mailboxes>
    {
        public override void Run(Mailboxes subject)
        {
            var node = new ReferenceNode();
            Expect.Equal(subject.Mailbox.Enqueue(node), subject.IsIdle);
            subject.IsUntouched = false;
            subject.Model.Enqueue(node);
            Expect.Equal(subject.Mailbox.IsTail(node), true);
            subject.Verify();
        }
    }

    private sealed record Handle : Step<Mailboxes>
    {
        public override void Run(Mailboxes subject)
        {
            if (!subject.Model.TryDequeue(out var node))
                return;
            Expect.Equal(subject.Mailbox.IsLast(node), subject.Model.Count == 0);
            var advance = subject.Mailbox.TryAdvance(node, out var next);
            Expect.Equal(advance, subject.Model.Count == 0 ? Advance.Idle : Advance.Next);
            Expect.Equal(next, subject.Model.Count == 0 ? null : subject.Model.Peek());
            if (advance == Advance.Next)
                subject.Mailbox.SetFirst(next!);
            else
                Expect.Equal(subject.Mailbox.IsIdle, true);
            VerifyAfterIdle(subject);
        }

        // An idle mailbox keeps its last node in _head until a sender writes another one: nobody looks at it.
        private static void VerifyAfterIdle(Mailboxes subject)
        {
            if (subject.Model.Count > 0)
                subject.Verify();
        }
    }

    private sealed record LeaveStart : Step<Mailboxes>
    {
        public override void Run(Mailboxes subject)
        {
            if (!subject.IsUntouched)
                return;
            Expect.Equal(subject.Mailbox.TryLeaveStart(), Advance.Idle);
            subject.IsUntouched = false;
            subject.Verify();
        }
    }

    /// <summary>The owner enqueues a node of its own into a mailbox that is still untouched.</summary>
    private sealed record ReplaceStart : Step<Mailboxes>
    {
        public override void Run(Mailboxes subject)
        {
            if (!subject.IsUntouched)
                return;
            var node = new ReferenceNode();
            Expect.Equal(subject.Mailbox.TryReplaceStart(node, out bool isUsed), true);
            Expect.Equal(isUsed, true);
            subject.IsUntouched = false;
            subject.Model.Enqueue(node);
            subject.Verify();
        }
    }
}
