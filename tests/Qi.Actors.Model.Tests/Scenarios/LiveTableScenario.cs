// A full chunk of the table of what lives: its owner frees one slot and takes two, while others free two.

using Qi.Actors.Collections;
using Qi.Actors.Model.Controller;

namespace Qi.Actors.Model.Scenarios;

internal sealed class LiveTableScenario : Scenario
{
    private const int ChunkSize = 1024;

    private static readonly string[] s_items = [.. Enumerable.Range(0, ChunkSize).Select(number => $"item {number}")];
    private static readonly string[] s_later = ["later 0", "later 1", "later 2"];

    private readonly LiveTable<string> _table = new();
    private readonly LiveTable<string>.Owner _owner = new();
    private readonly int[] _slots = new int[3];

    public override void SetUp(Execution execution)
    {
        Execution.Raw(ModelThread.Any, () =>
        {
            foreach (string item in s_items)
                _table.Add(item, _owner);
        });
        execution.Thread("owner", () =>
        {
            _table.Remove(0, _owner);
            _slots[0] = _table.Add(s_later[0], _owner);
            _slots[1] = _table.Add(s_later[1], _owner);
        });
        execution.Thread("remover 1", () => _table.Remove(1, null));
        execution.Thread("remover 2", () => _table.Remove(2, null));
    }

    public override void CheckEnd()
    {
        _slots[2] = _table.Add(s_later[2], _owner);
        Must.Hold(_slots.Distinct().Count() == 3, "Two live in one slot.");
        Must.Hold(_slots[1] >= ChunkSize || _slots[2] < ChunkSize, "A free slot got lost.");
        var alive = new List<string>();
        _table.ForEach(alive.Add);
        Must.Hold(alive.Count == ChunkSize, $"{alive.Count} are alive, and not {ChunkSize}.");
        Must.Hold(s_later.All(alive.Contains) && !alive.Contains(s_items[0]) && !alive.Contains(s_items[1]) && !alive.Contains(s_items[2]), "Others are alive than should be.");
    }
}
