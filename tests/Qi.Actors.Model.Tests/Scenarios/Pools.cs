using Microsoft.Extensions.Logging.Abstractions;

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Dispatcher pools whose threads the controller has.</summary>
internal static class Pools
{
    /// <summary>A pool without threads, which does not spin before it parks.</summary>
    public static DispatcherPool Make(int dispatchers, int spareThreads = 0, Func<Reactor>? reactor = null) => new(new PoolSettings
    {
        Name = "model",
        Dispatchers = dispatchers,
        RingCapacity = 4,
        SpinNs = 0,
        SpareThreadLimit = spareThreads,
        Reactors = () => new ReactorPlan(ReactorKind.Epoll, IsThreadBound: false, IsNonBlocking: true, "the scenario's.", reactor!),
        TimeProvider = TimeProvider.System,
        Logger = NullLogger.Instance,
    });

    /// <summary>Adds a thread for each dispatcher; they may be left parked.</summary>
    public static void AddDispatchers(this Execution execution, DispatcherPool pool)
    {
        Touch(pool);
        foreach (var dispatcher in pool.Dispatchers)
            execution.Thread($"dispatcher {dispatcher.Index}", () => dispatcher.RunLoop(ThreadContext.Instance), mayBlock: true);
    }

    /// <summary>Touches what the dispatchers share, so that it has the same names in every execution (AccessMap).</summary>
    public static void Touch(DispatcherPool pool)
    {
        _ = (pool.IsStopping, pool.Idle.IsAnyoneIdle, pool.Idle.AreWakesVain, pool.Inject.Count, pool.Inject.HasUrgent);
        for (int lane = 0; lane < Lanes.Count; lane++)
            _ = pool.Inject.CountOf((Priority)lane);
        foreach (var dispatcher in pool.Dispatchers)
            _ = (dispatcher.Lanes.ItemCount, dispatcher.Control.IsEmpty, dispatcher.IsParked, dispatcher.Thread, dispatcher.TurnSerial, dispatcher.HasEnded, dispatcher.HidesWork());
    }
}

/// <summary>A run item that notes that it has run.</summary>
internal sealed class Item : RunItem
{
    private readonly string _name;
    private readonly Ledger _ledger;
    private readonly Action<ThreadContext>? _turn;

    public Item(string name, Ledger ledger, Action<ThreadContext>? turn = null, Priority lane = Priority.Normal)
    {
        _name = name;
        _ledger = ledger;
        _turn = turn;
        SetLane(lane);
        ledger.Put(this);
    }

    public override string ToString() => $"item {_name}";

    internal override void Run(ThreadContext thread)
    {
        _ledger.Take(this);
        _turn?.Invoke(thread);
    }
}
