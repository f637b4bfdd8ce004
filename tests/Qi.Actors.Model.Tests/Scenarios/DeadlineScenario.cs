// Deadlines that are fixed late: something that waits moves from one dispatcher's list to another's, while the first one fixes what it had on its
// list. Whoever waits must not be left without a deadline (D1 to D6).

using System.Runtime.CompilerServices;

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

internal sealed class DeadlineScenario : Scenario
{
    private readonly DispatcherPool _pool = Pools.Make(2);
    private readonly Waiter _waiter = new();
    private readonly ThreadContext[] _threads = [new(), new()];

    public override void SetUp(Execution execution)
    {
        for (int i = 0; i < 2; i++)
            _threads[i].TakeLease(_pool.Dispatchers[i]);
        _waiter.Begin();
        _waiter.List(_pool, _threads[0]);
        _waiter.End(); // the first use is over, and still on the list
        execution.Thread("dispatcher 0", () => FixPending(_pool.Dispatchers[0]));
        execution.Thread("asker", Ask);
    }

    public override void CheckEnd() => Must.Hold(_waiter.IsFixed, "It waits, and has no deadline.");

    private void Ask()
    {
        _threads[1].BeginTurn();
        _waiter.Begin();
        Atomic.Fence(); // D2: the message is sent
        _waiter.List(_pool, _threads[1]);
        if (_threads[1].TryEndTurn())
            FixPending(_pool.Dispatchers[1]);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "FixPending")]
    private static extern void FixPending(Dispatcher dispatcher);

    private sealed class Waiter : PendingDeadline
    {
        private int _use;
        private int _fixed;

        public bool IsFixed => _fixed == _use;

        public void Begin() => Atomic.Write(ref _use, _use == 0 ? 1 : 3); // D1

        public void End() => Atomic.Write(ref _use, 2);

        public void List(DispatcherPool pool, ThreadContext thread) => Must.Hold(TryList(pool, thread), "It could not be listed.");

        protected override void FixIfWaiting()
        {
            int use = Atomic.Read(ref _use); // D6
            if (use % 2 == 1)
                _fixed = use;
        }
    }
}
