// The owner pushes, pops and, when the ring is full, takes half out; two thieves steal into rings of their own. One scenario begins with a
// ring that is nearly full, one with an empty ring.

#define DEBUG

using Qi.Actors.Collections;
using Qi.Actors.Model.Controller;

namespace Qi.Actors.Model.Scenarios;

internal sealed class StealQueueScenario(params string[] before) : Scenario
{
    private readonly StealQueue<string> _queue = new(4, firstPosition: uint.MaxValue - 1);
    private readonly StealQueue<string>[] _loot = [new(4), new(4)];
    private readonly Ledger _ledger = new();
    private readonly string[] _taken = ["", "", ""];

    public override string Outcome => string.Join('|', _taken);

    public override void SetUp(Execution execution)
    {
        foreach (string item in before)
            _queue.TryPush(_ledger.Put(item));
        execution.Thread("owner", Own);
        for (int i = 0; i < _loot.Length; i++)
        {
            var loot = _loot[i];
            execution.Thread($"thief {i}", () => Steal(loot));
        }
    }

    public override void CheckStep()
    {
        _queue.AssertInvariants();
        _loot[0].AssertInvariants();
        _loot[1].AssertInvariants();
    }

    public override void CheckEnd()
    {
        foreach (var queue in _loot.Append(_queue))
        {
            while (queue.TryPop() is { } item)
                _ledger.Take(item);
            Must.Hold(queue.AreFreeSlotsCleared(), "Q4: a free slot is not null.");
        }

        _ledger.CheckAllTaken();
    }

    private void Own()
    {
        Push("y");
        Push("z");
        if (_queue.TryPop() is not { } item)
            return;
        _ledger.Take(item);
        _taken[0] += item;
    }

    private void Push(string item)
    {
        _ledger.Put(item);
        if (_queue.TryPush(item))
            return;
        var batch = new string?[2];
        int taken = _queue.TakeHalf(batch);
        for (int i = 0; i < taken; i++)
            _ledger.Take(batch[i]!);
        _ledger.Take(item);
    }

    private void Steal(StealQueue<string> loot)
    {
        if (_queue.StealHalfInto(loot, out int stolen) is not { } item)
            return;
        _ledger.Take(item);
        _taken[loot == _loot[0] ? 1 : 2] += $"{item}{stolen}";
    }
}
