// The deadline of a source's run. Runs with a deadline begin and end all the time, and almost none is too late: so the timer stays armed across runs, and looks
// when it fires at the deadline that it finds; if that one is not reached the timer sleeps on for the rest. In a steady stream of runs with one timeout it is armed
// once in a timeout, and nothing is allocated. A deadline before the time that the timer is armed for takes a timer of its own, which replaces the former.
//
// All fields are guarded by the lock. D1: while a deadline is set, a timer is armed for it or for an earlier time. D2: a timer that is not _timer is nobody's: it was
// replaced and does nothing. The run that is to end is told outside of the lock.

using System.Diagnostics;

using Qi.Actors.Scheduling;

namespace Qi.Actors.Reactors;

/// <summary>Ends the runs of a source that take too long.</summary>
internal sealed class IoDeadline(DispatcherPool pool, IoSource source)
{
    private const long Never = long.MaxValue;

    private readonly Lock _lock = new();
    private Alarm? _timer;
    private long _armedForNs = Never;
    private long _dueNs = Never;
    private int _run;
    private bool _isClosed;

    /// <summary>A run has to be over after this time. The run's owner.</summary>
    public void Set(int run, TimeSpan timeout)
    {
        long nowNs = pool.Time.NowNs();
        long dueNs = nowNs + (Math.Min(timeout.Ticks, Never / 4 / TimeSpan.NanosecondsPerTick) * TimeSpan.NanosecondsPerTick);
        lock (_lock)
        {
            if (_isClosed)
                return;
            _run = run;
            _dueNs = dueNs;
            if (_armedForNs > dueNs)
                Arm(dueNs, nowNs);
            Debug.Assert(_armedForNs <= _dueNs, "D1: the timer comes too late for the deadline.");
        }
    }

    /// <summary>The run is over. The run's owner.</summary>
    public void Clear()
    {
        lock (_lock)
            _dueNs = Never;
    }

    /// <summary>There will be no more runs.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            _dueNs = Never;
            Disarm();
        }
    }

    private void Arm(long dueNs, long nowNs)
    {
        Disarm();
        _armedForNs = dueNs;
        var timer = _timer ??= new Alarm(this);
        timer.Arm(pool, TimeSpan.FromTicks(((dueNs - nowNs - 1) / TimeSpan.NanosecondsPerTick) + 1));
    }

    // One that was armed may stay linked for a while, and is not used again (E3 of TimerEntry).
    private void Disarm()
    {
        if (_armedForNs == Never)
            return;
        _armedForNs = Never;
        var timer = _timer!;
        _timer = null;
        timer.TryCancel(timer.CurrentGeneration);
    }

    private void OnAlarm(Alarm alarm)
    {
        int run;
        lock (_lock)
        {
            if (alarm != _timer)
                return; // D2
            _armedForNs = Never;
            if (_dueNs == Never)
                return;
            long nowNs = pool.Time.NowNs();
            if (_dueNs > nowNs)
            {
                Arm(_dueNs, nowNs);
                return;
            }

            run = _run;
            _dueNs = Never;
        }

        source.TimeOut(run);
    }

    private sealed class Alarm(IoDeadline deadline) : TimerEntry
    {
        protected override void Fire(ThreadContext thread) => deadline.OnAlarm(this);
    }
}
