// The sleep protocol with real dispatchers. What is lost shows at the end: everybody waits, and an item has not run.

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Dispatchers against threads that inject items from outside.</summary>
internal sealed class SleepOutsideScenario(int dispatchers, int items) : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly DispatcherPool _pool = Pools.Make(dispatchers);
    private string _ran = "";

    public override string Outcome => $"{_ran} {string.Join(',', _pool.Dispatchers.Select(dispatcher => dispatcher.Thread!.Counters.Parks))}";

    public override void SetUp(Execution execution)
    {
        execution.AddDispatchers(_pool);
        for (int i = 0; i < items; i++)
        {
            var item = new Item($"{i}", _ledger, thread => _ran += thread.Dispatcher!.Index);
            execution.Thread($"sender {i}", () => _pool.Schedule(item));
        }
    }

    public override void CheckEnd() => _ledger.CheckAllTaken();
}

/// <summary>
/// A turn puts an urgent item into its dispatcher's ring and then waits until somebody has run it: only the other dispatcher can. (A lone
/// Normal item may be left to the monitor: BlockedTurnScenario.)
/// </summary>
internal sealed class SleepInsideScenario : Scenario
{
    private const int MostLooks = 6;

    private readonly Ledger _ledger = new();
    private readonly DispatcherPool _pool = Pools.Make(2);
    private readonly Permits _run = new(0, isCounted: true);

    public override void SetUp(Execution execution)
    {
        _pool.Inject.Push(new Item("pusher", _ledger, Push));
        execution.AddDispatchers(_pool);
    }

    public override void CheckEnd() => _ledger.CheckAllTaken();

    // When the other one is just about to park: so that the few preemptions there are need not be spent on its search.
    private void Push(ThreadContext thread)
    {
        for (int i = 0; i < MostLooks && _pool.Idle is { SearchingCount: 0, ParkedCount: 0 }; i++)
            Atomic.Pause();
        for (int i = 0; i < MostLooks && _pool.Idle.SearchingCount > 0; i++)
            Atomic.Pause();
        _pool.ScheduleLast(new Item("urgent", _ledger, _ => _run.Give(), Priority.High), thread);
        _run.Take();
    }
}

/// <summary>Two injected items, the first of which waits for the second: whoever finds the first must see to it that the second is found.</summary>
internal sealed class SleepPassOnScenario(Priority lane) : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly DispatcherPool _pool = Pools.Make(2);
    private readonly Permits _run = new(0, isCounted: true);

    public override void SetUp(Execution execution)
    {
        execution.AddDispatchers(_pool);
        var first = new Item("first", _ledger, _ => _run.Take());
        var second = new Item("second", _ledger, _ => _run.Give(), lane);
        execution.Thread("sender", () =>
        {
            _pool.Schedule(first);
            _pool.Schedule(second);
        });
    }

    public override void CheckEnd() => _ledger.CheckAllTaken();
}

/// <summary>A control message against a dispatcher that goes to sleep.</summary>
internal sealed class SleepControlScenario : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly DispatcherPool _pool = Pools.Make(1);

    public override void SetUp(Execution execution)
    {
        execution.AddDispatchers(_pool);
        var note = _ledger.Put(new Note(_ledger));
        execution.Thread("sender", () => _pool.Dispatchers[0].Send(note));
    }

    public override void CheckEnd() => _ledger.CheckAllTaken();

    private sealed class Note(Ledger ledger) : DispatcherMessage
    {
        public override void Apply(Dispatcher dispatcher) => ledger.Take(this);
    }
}

/// <summary>
/// A turn that waits for an item which it has put where only its own dispatcher looks, begun by a control message when the monitor sleeps
/// or is about to: the monitor must wake, and hand the dispatcher to another thread.
/// </summary>
internal sealed class BlockedTurnScenario(TimeSpan begins) : Scenario
{
    private readonly Ledger _ledger = new();
    private readonly DispatcherPool _pool = Pools.Make(1, spareThreads: 1);
    private readonly Permits _run = new(0, isCounted: true);
    private readonly Permits _never = new(0, isCounted: true);

    public override void SetUp(Execution execution)
    {
        execution.HasMonitor = true;
        _pool.Start();
        Pools.Touch(_pool);
        var blocked = new Item("blocked", _ledger, Block);
        var message = new Begin(_pool, blocked);
        execution.Thread("sender", () =>
        {
            _never.TakeWithin(begins);
            _pool.Dispatchers[0].Send(message);
        });
    }

    public override void CheckEnd() => _ledger.CheckAllTaken();

    private void Block(ThreadContext thread)
    {
        _pool.Schedule(new Item("hidden", _ledger, _ => _run.Give()), thread);
        _run.Take();
    }

    private sealed class Begin(DispatcherPool pool, RunItem item) : DispatcherMessage
    {
        public override void Apply(Dispatcher dispatcher) => pool.ScheduleLast(item, ThreadContext.Instance);
    }
}
