// The smaller queues: injected items, control messages, system messages.

#define DEBUG

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Two threads push, one of them a batch; two take batches into rings; one of those closes the queue.</summary>
internal sealed class InjectScenario : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly InjectQueue _queue = new();
    private bool _isClosed;
    private readonly StealQueue<RunItem>[] _rings = [new(4), new(4)];

    public override void SetUp(Execution execution)
    {
        _queue.Push(new Item("a", _ledger));
        execution.Thread("pusher", () => Push(new Item("b", _ledger)));
        execution.Thread("batch pusher", PushBatch);
        execution.Thread("taker 0", () => Take(_rings[0]));
        execution.Thread("taker 1", () => Take(_rings[1]));
    }

    public override void CheckEnd()
    {
        _queue.AssertInvariants();
        while (_queue.TryPop(Priority.Normal) is { } item)
            _ledger.Take(item);
        foreach (var ring in _rings)
        {
            while (ring.TryPop() is { } item)
                _ledger.Take(item);
        }

        Must.Hold(_queue.Count == 0 && _queue.CountOf(Priority.Normal) == 0, "I1: an empty queue counts items.");
        _ledger.CheckAllTaken();
    }

    private void Push(RunItem item)
    {
        bool wasClosed = _isClosed;
        if (!_queue.Push(item))
            _ledger.Take(item);
        else
            Must.Hold(!wasClosed, "I4: an item was added after Close.");
    }

    private void PushBatch()
    {
        var first = new Item("c", _ledger);
        var last = new Item("d", _ledger);
        first.Next = last;
        if (_queue.PushBatch(first, last, 2, Priority.Normal))
            return;
        first.Next = null;
        _ledger.Take(first);
        _ledger.Take(last);
    }

    private void Take(StealQueue<RunItem> ring)
    {
        if (_queue.PopBatch(Priority.Normal, 2, ring) is { } item)
            _ledger.Take(item);
        if (ring == _rings[1])
            _queue.Close();
        _isClosed |= ring == _rings[1];
    }
}

/// <summary>Two producers of control messages against their consumer.</summary>
internal sealed class ControlScenario : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly MpscQueue<string> _queue = new();
    private readonly List<string> _received = [];

    public override void SetUp(Execution execution)
    {
        _ = _queue.IsEmpty;
        execution.Thread("producer a", () => Produce("a1", "a2"));
        execution.Thread("producer b", () => Produce("b1"));
        execution.Thread("consumer", Consume);
    }

    public override void CheckEnd()
    {
        _queue.AssertInvariants();
        while (_queue.TryDequeue(out string? item))
            Take(item);
        Must.Hold(_queue.IsEmpty, "M2: a queue of which everything was taken is not empty.");
        Must.Hold(_received.IndexOf("a1") < _received.IndexOf("a2"), $"M4: {string.Join(' ', _received)}.");
        _ledger.CheckAllTaken();
    }

    private void Produce(params string[] items)
    {
        foreach (string item in items)
            _queue.Enqueue(_ledger.Put(item));
    }

    private void Consume()
    {
        for (int i = 0; i < 2; i++)
        {
            if (_queue.TryDequeue(out string? item))
                Take(item);
        }
    }

    private void Take(string item)
    {
        _ledger.Take(item);
        _received.Add(item);
    }
}

/// <summary>A control queue that always holds something, and somebody who asks whether it is empty.</summary>
internal sealed class ControlNeverEmptyScenario : Scenario
{
    private readonly MpscQueue<string> _queue = new();
    private int _enqueued;

    public override void SetUp(Execution execution)
    {
        _queue.Enqueue("first");
        execution.Thread("producer", () =>
        {
            _queue.Enqueue("second");
            Atomic.Write(ref _enqueued, 1);
        });
        execution.Thread("consumer", () =>
        {
            if (Atomic.Read(ref _enqueued) == 1)
                Must.Hold(_queue.TryDequeue(out string? item) && item == "first", "M4: not the oldest.");
        });
        execution.Thread("observer", () => Must.Hold(!_queue.IsEmpty, "M2: the queue said that it was empty, and it never was."));
    }
}

/// <summary>Two senders of system messages against an owner that holds when there is nothing to do.</summary>
internal sealed class SystemQueueScenario : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly Permits _runnable = new(0, isCounted: true);
    private readonly List<string> _received = [];
    private SystemQueue _queue;
    private int _scheduled = 1;

    public override void SetUp(Execution execution)
    {
        _ = _queue.HasMessages;
        execution.Thread("owner", Own, mayBlock: true);
        execution.Thread("sender a", () => Send("a1", "a2"));
        execution.Thread("sender b", () => Send("b1"));
        execution.Thread("waker", () =>
        {
            if (_queue.TryWakeHeld())
                Schedule();
        });
    }

    public override void CheckEnd()
    {
        _ledger.CheckAllTaken();
        Must.Hold(_received.IndexOf("a1") < _received.IndexOf("a2"), $"The messages of a sender were turned round: {string.Join(' ', _received)}.");
    }

    private void Send(params string[] names)
    {
        foreach (string name in names)
        {
            // The owner is never idle here, so a poke is stepped over: the turn that goes on before it holds sees the message.
            if (_queue.Push(new Message(_ledger.Put(name))) == Wakeup.Schedule)
                Schedule();
        }
    }

    private void Schedule()
    {
        Must.Hold(++_scheduled == 1, "S2: the owner was scheduled twice.");
        _runnable.Give();
    }

    private void Own()
    {
        while (true)
        {
            for (var message = _queue.TakeAll(); message is not null; message = message.Next)
            {
                _ledger.Take(((Message)message).Name);
                _received.Add(((Message)message).Name);
            }

            _scheduled = 0;
            if (_queue.TryHold())
                _runnable.Take();
            else
                _scheduled = 1;
        }
    }

    private sealed class Message(string name) : SystemMessage
    {
        public string Name => name;
    }
}
