// What goes past Qi: the framework's timers become alarms of the virtual clock, pool work becomes turns, and what cannot be had so ends the
// simulation with a message that names it.

using Qi.Actors.Scheduling;
using Qi.Actors.Simulated;
using Qi.Actors.Testing.Outside;

namespace Qi.Actors.Testing.World;

internal sealed partial class SimulatedWorld
{
    private const int RealWaitMs = 5_000;

    private SynchronizationContext? _outerContext;
    private Action? _onMisuse;

    /// <summary>
    /// Between two runs too, what this thread awaits comes back as a turn. So this thread cannot wait for it synchronously, but only run the world.
    /// </summary>
    /// <param name="onMisuse">Called when it does, before it is told: nobody may come back to this world.</param>
    public void HoldContext(Action onMisuse)
    {
        _onMisuse = onMisuse;
        _outerContext = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(System.Pool.SynchronizationContext);
    }

    /// <summary>The counterpart of <see cref="HoldContext"/>, on the same thread.</summary>
    public void ReleaseContext()
    {
        if (_onMisuse is not null && SynchronizationContext.Current == System.Pool.SynchronizationContext)
            SynchronizationContext.SetSynchronizationContext(_outerContext);
        _onMisuse = null;
    }

    public override void BeforeBlocking()
    {
        try
        {
            BlockingWaitGuard.OnWait();
        }
        catch (BlockedTurnException e)
        {
            Fail(new SimulationObstacleException(SimulationObstacle.BlockedTurn, $"In a turn of {CurrentTurn}: {e.Message}"));
            throw;
        }
    }

    // What a test waits for between two runs may be real.
    public override int LongestWaitMs => _isInTurn || _onMisuse is null ? Timeout.Infinite : RealWaitMs;

    public override void OnLongestWaitOver()
    {
        _onMisuse?.Invoke();
        ReleaseContext();
        throw new InvalidOperationException($"{BlockingWaitGuard.FindUserWait() ?? "The test"}, has waited for {RealWaitMs} ms on the thread of a TestSystem, which runs only inside of its own methods: it may wait for ever. Use TestSystem.Wait for a task, put what is asynchronous into TestSystem.Run(async () => ...), or the whole test into Simulation.Run. For something real that takes longer, wait before the TestSystem is made or after it is disposed.");
    }

    public override void OnItemFromOutside(RunItem item)
    {
        if (item is PostedCallback && _onMisuse is not null && !Dispatcher.IsRunning)
        {
            // An asynchronous test has awaited something real. It goes on as without a TestSystem, and is told at its next call.
            ThreadPool.UnsafeQueueUserWorkItem(static item => item.Run(ThreadContext.Instance), item, preferLocal: false);
            return;
        }

        string thread = Thread.CurrentThread.IsThreadPoolThread ? "of the thread pool" : $"'{Thread.CurrentThread.Name ?? "without a name"}'";
        Fail(new SimulationObstacleException(
            SimulationObstacle.Outside,
            item is PostedCallback posted
                ? $"The simulation was sent {ForeignPost.CallOf(WorkNames.OfPost(posted.Callback!, posted.State))}, the thread {thread}. {ForeignPost.Remedy}"
                : $"The thread {thread}, which the simulation does not control, has called {Describe(item)}. Let simulated code send its messages."));
    }

    void IOutsideHost.Schedule(TakenTimer timer, TimeSpan due) => Time.Set(new TakenAlarm(timer), due);

    void IOutsideHost.Queue(TakenWork work) => PostedCallback.Post(System.Pool, static work => RunWithoutContext(((TakenWork)work!).Run), work);

    void IOutsideHost.Refuse(string call, string remedy)
        => Fail(new SimulationObstacleException(SimulationObstacle.Outside, $"In a turn of {CurrentTurn}: {call}. {remedy}"));

    // As on a thread of the pool, where what is awaited comes back to no context.
    private static void RunWithoutContext(Action run)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private sealed class TakenAlarm(TakenTimer timer) : SimulatedAlarm
    {
        public override bool IsWanted => timer.IsScheduled;

        public override void Fire() => RunWithoutContext(() => timer.Fire());
    }
}
