// The sleep protocol with real dispatchers. What is lost shows at the end: everybody waits, and an item has not run.

using Qi.Actors.Model.Controller;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Dispatchers against a thread that injects items from outside.</summary>
internal sealed class SleepOutsideScenario(int dispatchers, int items) : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly DispatcherPool _pool = Pools.Make(dispatchers);

    public override void SetUp(Execution execution)
    {
        execution.AddDispatchers(_pool);
        for (int i = 0; i < items; i++)
        {
            var item = new Item($"{i}", _ledger);
            execution.Thread($"sender {i}", () => _pool.Schedule(item));
        }
    }

    public override void CheckEnd() => _ledger.CheckAllTaken();
}

/// <summary>A turn puts items into its dispatcher's ring and then waits until somebody has run them: only the other dispatcher can.</summary>
internal sealed class SleepInsideScenario(Priority lane, int items) : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly DispatcherPool _pool = Pools.Make(2);
    private readonly Permits _run = new(0, isCounted: true);

    public override void SetUp(Execution execution)
    {
        _pool.Inject.Push(new Item("pusher", _ledger, Push));
        execution.AddDispatchers(_pool);
    }

    public override void CheckEnd() => _ledger.CheckAllTaken();

    private void Push(ThreadContext thread)
    {
        for (int i = 0; i < items; i++)
            _pool.ScheduleLast(new Item($"{i}", _ledger, _ => _run.Give(), lane), thread);
        for (int i = 0; i < items; i++)
            _run.Take();
    }
}
