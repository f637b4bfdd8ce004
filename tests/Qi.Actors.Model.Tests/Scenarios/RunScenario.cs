// Runs: a sender opens one, enqueues it and goes on to append; the owner drains the mailbox and gives the run back; another sender opens it
// again, while the first still believes that it may append.

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;

namespace Qi.Actors.Model.Scenarios;

internal sealed class RunScenario : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly Permits _runnable = new(0, isCounted: true);
    private readonly Permits _returned = new(0, isCounted: true);
    private readonly List<string> _received = [];
    private readonly RunNode<object> _run = new();
    private Mailbox _mailbox;
    private int _scheduled;

    public override void SetUp(Execution execution)
    {
        execution.Thread("owner", Own, mayBlock: true);
        execution.Thread("sender a", () => Send("a1", "a2", "a3"));
        execution.Thread("sender b", () =>
        {
            _returned.Take();
            Send("b1", "b2");
        });
    }

    public override void CheckEnd()
    {
        _ledger.CheckAllTaken();
        string ofA = string.Concat(_received.Where(name => name[0] == 'a'));
        Must.Hold(ofA == "a1a2a3", $"N4: {string.Join(' ', _received)}.");
        Must.Hold(_mailbox.IsIdle, "The mailbox is not idle.");
    }

    private void Send(params string[] messages)
    {
        _run.Next = null; // as a magazine does
        long state = _run.Open(_ledger.Put(messages[0]));
        Enqueue(_run);
        foreach (string message in messages[1..])
        {
            _ledger.Put(message);
            if (!_mailbox.IsTail(_run) || !_run.TryAppend(message, ref state))
                Enqueue(new ReferenceNode { Payload = message });
        }
    }

    private void Enqueue(MessageNode node)
    {
        if (!_mailbox.Enqueue(node))
            return;
        Must.Hold(++_scheduled == 1, "M1: the owner was scheduled twice.");
        _runnable.Give();
    }

    private void Own()
    {
        while (true)
        {
            _runnable.Take();
            for (var node = _mailbox.First; node is not null;)
            {
                if (node == _run)
                    DrainRun();
                else
                    Receive(((ReferenceNode)node).Payload!);
                node = Advance(node);
            }
        }
    }

    private void DrainRun()
    {
        while (true)
        {
            if (_run.TryTake(out object message))
                Receive(message);
            else if (Runs.TryEnd<object>(_run) == RunEnd.Closed)
                return;
        }
    }

    // Null if the mailbox has become idle.
    private MessageNode? Advance(MessageNode node)
    {
        _scheduled = 0;
        var advance = _mailbox.TryAdvance(node, out var next);
        if (advance != Mailboxes.Advance.Idle)
            _scheduled = 1;
        while (advance == Mailboxes.Advance.Gap)
        {
            Atomic.Pause();
            advance = _mailbox.TryAdvance(node, out next);
        }

        if (node == _run)
            _returned.Give();
        return next;
    }

    private void Receive(object message)
    {
        _ledger.Take(message);
        _received.Add((string)message);
    }
}
