// Two senders against the owner, which drains and goes idle. Whoever makes the mailbox non-idle schedules a turn: a permit, which the owner
// waits for. So a wake-up that is lost leaves the owner waiting beside a message, and two at once are seen as such.

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;

namespace Qi.Actors.Model.Scenarios;

internal sealed class MailboxScenario : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly Permits _runnable = new(0, isCounted: true);
    private readonly List<string> _received = [];
    private Mailbox _mailbox;
    private int _scheduled;

    public override string Outcome => string.Join(' ', _received);

    public override void SetUp(Execution execution)
    {
        execution.Thread("owner", Own, mayBlock: true);
        execution.Thread("sender a", () => Send("a1", "a2"));
        execution.Thread("sender b", () => Send("b1"));
    }

    public override void CheckEnd()
    {
        _ledger.CheckAllTaken();
        Must.Hold(_received.IndexOf("a1") < _received.IndexOf("a2"), $"M4: a sender's messages were turned round: {string.Join(' ', _received)}.");
        Must.Hold(_mailbox.IsIdle && _scheduled == 0, "The mailbox is not idle, and nothing waits in it.");
    }

    private void Send(params string[] messages)
    {
        foreach (string message in messages)
        {
            if (_mailbox.Enqueue(new ReferenceNode { Payload = _ledger.Put(message) }))
                Schedule();
        }
    }

    private void Schedule()
    {
        Must.Hold(++_scheduled == 1, "M1: the owner was scheduled twice.");
        _runnable.Give();
    }

    private void Own()
    {
        while (true)
        {
            _runnable.Take();
            var node = _mailbox.First;
            while (true)
            {
                string message = (string)((ReferenceNode)node).Payload!;
                _ledger.Take(message);
                _received.Add(message);
                _scheduled = 0; // a sender may find the mailbox idle from the next step on
                var advance = _mailbox.TryAdvance(node, out var next);
                if (advance == Advance.Idle)
                    break;
                _scheduled = 1;
                while (next is null)
                {
                    Atomic.Pause();
                    _mailbox.TryAdvance(node, out next);
                }

                node = next;
            }
        }
    }
}

/// <summary>A primed mailbox: its owner's first turn begins without a node, while two senders come (M5).</summary>
internal sealed class MailboxStartScenario : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly Permits _runnable = new(1, isCounted: true);
    private Mailbox _mailbox;
    private int _scheduled = 1;

    public override void SetUp(Execution execution)
    {
        _mailbox.Prime();
        execution.Thread("owner", Own, mayBlock: true);
        execution.Thread("sender a", () => Send("a1", "a2"));
        execution.Thread("sender b", () => Send("b1"));
    }

    public override void CheckEnd()
    {
        _ledger.CheckAllTaken();
        Must.Hold(_mailbox.IsIdle, "The mailbox is not idle.");
    }

    private void Send(params string[] messages)
    {
        foreach (string message in messages)
        {
            if (!_mailbox.Enqueue(new ReferenceNode { Payload = _ledger.Put(message) }))
                continue;
            Must.Hold(++_scheduled == 1, "M1: the owner was scheduled twice.");
            _runnable.Give();
        }
    }

    private void Own()
    {
        _runnable.Take();
        _scheduled = 0;
        var start = _mailbox.TryLeaveStart();
        while (start == Advance.Gap)
        {
            Atomic.Pause();
            start = _mailbox.TryLeaveStart();
        }

        if (start == Advance.Idle)
            _runnable.Take();
        while (true)
        {
            for (var node = _mailbox.First; node is not null;)
            {
                _ledger.Take(((ReferenceNode)node).Payload!);
                _scheduled = 0;
                var advance = _mailbox.TryAdvance(node, out var next);
                while (advance == Advance.Gap)
                {
                    Atomic.Pause();
                    advance = _mailbox.TryAdvance(node, out next);
                }

                _scheduled = advance == Advance.Idle ? _scheduled : 1;
                node = next;
            }

            _runnable.Take();
        }
    }
}
