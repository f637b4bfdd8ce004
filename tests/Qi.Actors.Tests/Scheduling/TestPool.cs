using Microsoft.Extensions.Logging.Abstractions;

using Qi.Actors.Scheduling;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Scheduling;

/// <summary>A pool of dispatchers without a system above it.</summary>
internal sealed class TestPool : IDisposable
{
    public TestPool(PoolSettings settings)
    {
        Pool = new DispatcherPool(settings);
        Pool.Start();
    }

    public DispatcherPool Pool { get; }

    /// <summary>Settings for tests: few dispatchers, small rings.</summary>
    public static PoolSettings Settings(int dispatchers) => new()
    {
        Name = "test",
        Dispatchers = dispatchers,
        RingCapacity = 4,
        TimeProvider = TimeProvider.System,
        Logger = NullLogger.Instance,
    };

    public void Dispose()
    {
        Assert.That(Pool.Stop(Signal.Bound), Is.True, "the dispatchers' threads end");
        Pool.Dispose();
    }
}

/// <summary>A run item that calls a delegate. It may be scheduled again when its turn has ended.</summary>
internal sealed class CallItem : RunItem
{
    private readonly Action<CallItem> _call;

    public CallItem(Action<CallItem> call, Priority lane = Priority.Normal)
    {
        _call = call;
        SetLane(lane);
    }

    internal override void Run(ThreadContext thread) => _call(this);
}
