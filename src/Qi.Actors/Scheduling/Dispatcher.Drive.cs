// The dispatcher without its loop: a driver takes what is runnable, in whatever order it likes, and runs it turn by turn on a thread that
// holds the lease all the time and counts as being in a turn, so that whatever that thread schedules comes here.

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

internal sealed partial class Dispatcher
{
    /// <summary>When the next timer is due, or at what earlier time to look again, on the pool's clock; <see cref="long.MaxValue"/> if none waits.</summary>
    public long NextDeadlineNs => Timers.NextDeadlineNs;

    /// <summary>The calling thread runs this dispatcher from now on. Driver.</summary>
    public void BeginDriving(ThreadContext thread)
    {
        Atomic.Write(ref _thread, thread);
        thread.TakeLease(this);
        thread.BeginTurn();
    }

    /// <summary>Nobody will run another turn. Driver.</summary>
    public void EndDriving()
    {
        _thread!.TryEndTurn();
        _thread.ForgetTarget();
        _thread.DropLease();
        Atomic.Write(ref _hasEnded, true);
    }

    /// <summary>Moves everything that is runnable here to the end of a list. Driver.</summary>
    public void TakeRunnable(List<RunItem> runnable)
    {
        if (!Control.IsEmpty)
            ApplyControl();
        if (_lifo is { } slot)
        {
            _lifo = null;
            runnable.Add(slot);
        }

        while (_fresh.TryTakeOldest() is { } fresh)
            runnable.Add(fresh);
        for (int lane = Lanes.Count - 1; lane >= 0; lane--)
        {
            while ((Lanes.TryPop((Priority)lane) ?? Pool.Inject.TryPop((Priority)lane)) is { } item)
                runnable.Add(item);
        }
    }

    /// <summary>Runs one turn. Driver.</summary>
    public void RunTurn(RunItem item)
    {
        var thread = _thread!;
        _turnSerial++;
        thread.Counters.Turns++;
        item.Run(thread);
        AmbientContext.Switch(null);
    }

    /// <summary>Fires the timers that are due by the pool's clock. Driver.</summary>
    public void FireDueTimers() => Timers.FireDue(0);
}
