// The lease: a thread in a turn goes inside its dispatcher now and then, while a monitor revokes and, if it has succeeded, hands the dispatcher to
// a spare thread. Whoever is inside touches what the dispatcher owns in two steps: two at once are seen (L1, L2).

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

internal sealed class LeaseScenario : Scenario
{
    private readonly DispatcherPool _pool = Pools.Make(1);
    private readonly ThreadContext _owner = new();
    private readonly ThreadContext _spare = new();
    private ThreadContext? _inside;
    private int _owned;
    private bool _isRevoked;
    private bool _hasLost;
    private string _touched = "";

    public override string Outcome => $"{_isRevoked} {_touched}";

    public override void SetUp(Execution execution)
    {
        var dispatcher = _pool.Dispatchers[0];
        _owner.TakeLease(dispatcher);
        execution.Thread("owner", () => Own());
        execution.Thread("monitor", () =>
        {
            _isRevoked = _owner.TryRevoke(dispatcher);
            if (!_isRevoked)
                return;
            _spare.TakeLease(dispatcher);
            Touch(_spare);
        });
    }

    public override void CheckEnd() => Must.Hold(_isRevoked == _hasLost, "The thread and the monitor do not agree on who has the dispatcher.");

    private void Own()
    {
        Touch(_owner);
        _owner.BeginTurn();
        if (_owner.TryEnter(_pool, out _, out int before))
        {
            Touch(_owner);
            _owner.Exit(before);
        }

        if (_owner.TryEndTurn())
            Touch(_owner);
        _hasLost = _owner.DropLease();
    }

    private void Touch(ThreadContext thread)
    {
        Must.Hold(_inside is null, "L1, L2: two threads touch what one dispatcher owns.");
        _inside = thread;
        _touched += thread == _owner ? "o" : "s";
        Atomic.Write(ref _owned, _owned + 1);
        _ = Atomic.Read(ref _owned);
        _inside = null;
    }
}
