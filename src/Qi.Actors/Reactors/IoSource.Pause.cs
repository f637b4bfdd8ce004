// A run that goes on after a failure which passes: no descriptor is left for a connection that waits to be accepted, say. It pauses and tries again, as often as it
// takes. While it pauses no operation is in progress. Whoever moves the timer out of Armed owns the run: the timer, which tries again, or whoever ends the
// pause early, because the run is to end (after Q2) or the handle is closed.
//   run     P1 arm    P2 full fence    P3 to end, or closed? end the pause
//   ender   P4 write the reason or close: a full fence    P5 end the pause
// Either P3 sees what P4 has written, or P5 sees the timer of P1. A timer that was cancelled is not used again (E3 of TimerEntry).

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Reactors;

/// <summary>Says what a failure with this error number is worth: negative, it counts; zero, the next attempt is at once; else a pause comes before it.</summary>
/// <param name="error">The operating system's number.</param>
/// <param name="attempt">How many have failed before in this run.</param>
internal delegate TimeSpan IoRetry(int error, int attempt);

internal sealed partial class IoSource
{
    private readonly IoRetry? _retry;
    private PauseTimer? _pause;
    private int _attempt;

    /// <summary>Decides about failures that may pass; null if none do.</summary>
    public IoRetry? Retry
    {
        init => _retry = value;
    }

    // The operation has failed: true if the run goes on nevertheless, at once or after a pause. Whoever has the run.
    private bool TryPause(out bool isPausing)
    {
        isPausing = false;
        if (_retry is null || Handle.IsClosed)
            return false;
        var pause = _retry(-_operation.Result, _attempt++);
        if (pause < TimeSpan.Zero)
            return false;
        if (IsAsked)
        {
            _operation.Result = -IoErrors.Canceled; // a failure that passes is nobody's, also when there is no next attempt
            return false;
        }

        if (pause == TimeSpan.Zero)
            return true;
        isPausing = true;
        var timer = _pause;
        if (timer is null)
            Atomic.Write(ref _pause, timer = new PauseTimer(this));
        int generation = timer.NextGeneration;
        timer.Arm(_pool, pause); // P1
        Atomic.Fence(); // P2
        if (IsAsked || Handle.IsClosed) // P3
            EndPause(timer, generation);
        return true;
    }

    // True if there was a pause, and this call has ended it and the run.
    private bool EndPause(PauseTimer? pause, int generation)
    {
        if (pause is null || !pause.TryCancel(generation))
            return false;
        Atomic.Write(ref _pause, null);
        _operation.Result = -IoErrors.Canceled;
        Finish();
        return true;
    }

    private void OnPauseOver()
    {
        if (Go())
            Finish();
    }

    private sealed class PauseTimer(IoSource source) : TimerEntry
    {
        protected override void Fire(ThreadContext thread) => source.OnPauseOver();
    }
}
