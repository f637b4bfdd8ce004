// What goes past Qi: the framework's timers become alarms of the virtual clock, pool work becomes turns, and what cannot be had so ends the
// simulation with a message that names it.

using Qi.Actors.Scheduling;
using Qi.Actors.Simulated;
using Qi.Actors.Testing.Outside;

namespace Qi.Actors.Testing.World;

internal sealed partial class SimulatedWorld
{
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

    public override void OnItemFromOutside(RunItem item)
    {
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
