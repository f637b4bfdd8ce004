namespace Qi.Actors;

/// <summary>A regular beat for one coroutine. It does not drift, and beats that were missed are skipped.</summary>
/// <remarks><b>Threads</b>: one coroutine at a time. <b>Cost</b>: one object; a beat allocates nothing.</remarks>
public sealed class CoroutineInterval
{
    private readonly TimeProvider _time;
    private readonly long _start;
    private long _beats;

    internal CoroutineInterval(TimeSpan period, TimeProvider time)
    {
        Period = period;
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>The time between two beats.</summary>
    public TimeSpan Period { get; }

    /// <summary>Beats that were awaited or skipped so far.</summary>
    public long Beats => _beats;

    /// <summary>Waits for the next beat.</summary>
    /// <exception cref="OperationCanceledException">On await: the coroutine was cancelled meanwhile.</exception>
    public DelayAwaitable NextAsync()
    {
        var elapsed = _time.GetElapsedTime(_start);
        _beats = Math.Max(_beats + 1, (elapsed.Ticks / Period.Ticks) + 1);
        return new DelayAwaitable(TimeSpan.FromTicks(_beats * Period.Ticks) - elapsed);
    }
}
