// A dispatcher that sleeps in its reactor, or is about to when it gets one: events against its sleep, beside an item from outside.

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

/// <param name="hasSender">True if somebody injects an item too.</param>
internal sealed class SleepReactorScenario(bool hasSender) : Scenario
{
    private readonly Ledger _ledger = new();
    private DispatcherPool _pool = null!;

    public override void SetUp(Execution execution)
    {
        _pool = Pools.Make(1, reactor: () => new EventSource(_pool));
        execution.AddDispatchers(_pool);
        var dispatcher = _pool.Dispatchers[0];
        var item = new Item("of an event", _ledger);
        execution.Thread("system", () => ((EventSource)dispatcher.EnsureReactor()).Arrive(dispatcher.Parker, item));
        if (hasSender)
        {
            var injected = new Item("injected", _ledger);
            execution.Thread("sender", () => _pool.Schedule(injected));
        }
    }

    public override void CheckEnd() => _ledger.CheckAllTaken();

    /// <summary>A reactor whose only event makes an item runnable.</summary>
    private sealed class EventSource(DispatcherPool pool) : Reactor
    {
        private Item? _item;
        private Item? _found;
        private int _pending;

        public override ReactorKind Kind => ReactorKind.Epoll;

        public override bool HasEvents => _pending > 0;

        public void Arrive(ThreadParker parker, Item item)
        {
            _item = item;
            Atomic.Write(ref _pending, 1);
            parker.NoteEvent();
        }

        public override int Wait(long timeoutNs, int mostEvents)
        {
            if (Atomic.Exchange(ref _pending, 0) == 0)
                return 0;
            _found = _item;
            return 1;
        }

        public override void Dispatch()
        {
            pool.Schedule(_found!);
            _found = null;
        }

        public override void Wake()
        {
        }

        public override void Attach(IoHandle handle)
        {
        }

        public override void Detach(IoHandle handle)
        {
        }

        public override bool Submit(IoOperation operation) => throw new NotSupportedException("It has events only.");

        public override void Cancel(IoOperation operation, int use)
        {
        }

        public override void Dispose()
        {
        }
    }
}
