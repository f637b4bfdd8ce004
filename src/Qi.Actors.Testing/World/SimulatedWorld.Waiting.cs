// Waiting inside of a simulation for a condition, within virtual time.
//
// W1: conditions are looked at after each turn, for nothing changes but by turns. W2: a wait whose time is up goes on until nothing is
// runnable at that moment, so that what comes exactly in time counts, whatever order the seed chooses; but no longer than the grace, so that
// a system that never rests cannot hold it. W3: the clock moves to the end of a wait because a timer is set there; the timer does nothing.

using System.Runtime.InteropServices;

namespace Qi.Actors.Testing.World;

internal sealed partial class SimulatedWorld
{
    private const int FreeTurnsAtOneMoment = 10_000;

    private readonly List<Wait> _waits = [];
    private long _momentTicks;
    private int _turnsAtMoment;

    /// <summary>How far a busy system may take the clock beyond the end of a wait.</summary>
    public static TimeSpan Grace => TimeSpan.FromMilliseconds(1);

    /// <summary>How long an expectation may take.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below zero.</exception>
    public Limit LimitOf(TimeSpan? within)
    {
        var span = within ?? _options.ExpectWithin;
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero, nameof(within));
        return new Limit(span, Time.NowTicks + Math.Min(span.Ticks, long.MaxValue / 2));
    }

    /// <summary>Ends when a condition holds, or its time is up. In a turn.</summary>
    public async Task<WaitEnding> UntilAsync(Func<bool> isDone, Limit limit)
    {
        if (isDone())
            return WaitEnding.Done;
        long endTicks = limit.EndTicks;
        var wait = new Wait(isDone, endTicks, endTicks + Grace.Ticks);
        using (endTicks > Time.NowTicks ? Time.CreateTimer(static _ => { }, null, TimeSpan.FromTicks(endTicks - Time.NowTicks), Timeout.InfiniteTimeSpan) : null)
        {
            _waits.Add(wait);
            return await wait.Source.Task;
        }
    }

    /// <summary>Ends when nothing is runnable any more.</summary>
    public async Task UntilIdleAsync()
    {
        var wait = new Wait(static () => false, Time.NowTicks, long.MaxValue);
        _waits.Add(wait);
        await wait.Source.Task;
    }

    /// <summary>Expects an actor to stop; what it failed with. In a turn.</summary>
    public async Task<Exception?> StoppedAsync<TMessage>(ActorRef<TMessage> actor, TimeSpan? within)
    {
        RequireOurs(actor);
        var completion = actor.Completion;
        var limit = LimitOf(within);
        var ending = await UntilAsync(() => completion.IsCompleted, limit);
        if (!completion.IsCompleted)
            throw new ExpectationException($"{actor.Path} was expected to stop within {limit.Within}, but it lives.{Shown.Moment(TimeSpan.FromTicks(Time.NowTicks), ending)}", TimeSpan.FromTicks(Time.NowTicks));
        return completion.Exception?.InnerException;
    }

    /// <summary>What waits, for reports.</summary>
    public string DescribeWaiting()
    {
        var waiting = System.DescribeWaiting();
        return waiting.Count == 0 ? "the body only" : string.Join(", ", waiting.Take(10)) + (waiting.Count > 10 ? $" and {waiting.Count - 10} more" : "");
    }

    private void EndWaitsThatAreDone()
    {
        for (int i = _waits.Count - 1; i >= 0; i--)
        {
            var wait = _waits[i];
            try
            {
                if (wait.IsDone())
                    End(i, WaitEnding.Done);
                else if (Time.NowTicks > wait.LatestTicks)
                    End(i, WaitEnding.TimeUp);
            }
            catch (Exception e)
            {
                _waits.RemoveAt(i);
                wait.Source.SetException(e); // the condition is the test's, and so is its failure
            }
        }
    }

    private bool EndWaitsAtRest()
    {
        bool isHopeless = Dispatcher.NextEventTicks == long.MaxValue;
        bool hasEnded = false;
        for (int i = _waits.Count - 1; i >= 0; i--)
        {
            if (Time.NowTicks < _waits[i].EndTicks)
                continue;
            End(i, isHopeless ? WaitEnding.Hopeless : WaitEnding.TimeUp);
            hasEnded = true;
        }

        return hasEnded;
    }

    private void End(int index, WaitEnding ending)
    {
        var wait = _waits[index];
        _waits.RemoveAt(index);
        wait.Source.SetResult(ending);
    }

    // Turns that cost nothing would hold the clock for ever in a system that never rests.
    private void LetTimePassIfBusy()
    {
        if (Time.NowTicks != _momentTicks)
        {
            _momentTicks = Time.NowTicks;
            _turnsAtMoment = 0;
        }
        else if (++_turnsAtMoment > FreeTurnsAtOneMoment)
        {
            _momentTicks += TimeSpan.TicksPerMicrosecond;
            Time.MoveTo(_momentTicks);
        }
    }

    /// <summary>How long, and until when.</summary>
    /// <param name="Within">As it was asked for.</param>
    /// <param name="EndTicks">By the world's clock.</param>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Limit(TimeSpan Within, long EndTicks);

    private sealed class Wait(Func<bool> isDone, long endTicks, long latestTicks)
    {
        public Func<bool> IsDone => isDone;

        public long EndTicks => endTicks;

        public long LatestTicks => latestTicks;

        public TaskCompletionSource<WaitEnding> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>How a wait has ended.</summary>
internal enum WaitEnding
{
    /// <summary>The condition holds.</summary>
    Done,

    /// <summary>Its time is up.</summary>
    TimeUp,

    /// <summary>Its time is up, nothing is runnable and no timer is set: it would not have come true later either.</summary>
    Hopeless,
}
