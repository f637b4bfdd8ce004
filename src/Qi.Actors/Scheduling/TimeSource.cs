using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>The pool's clock: the monotonic clock of the machine, or a <see cref="TimeProvider"/> that somebody else advances.</summary>
/// <remarks><b>Units</b>: nanoseconds and ticks of a quarter of a millisecond since the pool was made. <b>Threads</b>: any.</remarks>
internal sealed class TimeSource(TimeProvider provider)
{
    /// <summary>The grain of timers: fine enough to be late by little, coarse enough that many timers share a wake-up.</summary>
    public const long NsPerTick = 250_000;

    /// <summary>How far the coarse clock may be behind: added where a deadline is taken from it, so that nothing is early.</summary>
    public const long CoarseSlackMs = 16;

    private readonly long _startNs = Clock.NowNs();
    private readonly long _startTimestamp = provider.GetTimestamp();

    /// <summary>True if time is the machine's own, so that a dispatcher may sleep by it.</summary>
    public bool IsSystem { get; } = provider == TimeProvider.System;

    /// <summary>The provider behind this clock.</summary>
    public TimeProvider Provider => provider;

    /// <summary>Nanoseconds since the start.</summary>
    public long NowNs() => FromClock(IsSystem ? Clock.NowNs() : 0);

    /// <summary>Milliseconds on a clock that is cheap to read and a few milliseconds behind. Its origin is its own.</summary>
    public long CoarseNowMs() => IsSystem ? Clock.CoarseNowMs() : NowNs() / Clock.NsPerMs;

    /// <summary>The same, from a reading of the monotonic clock that the caller has at hand.</summary>
    public long FromClock(long clockNs)
        => IsSystem ? clockNs - _startNs : provider.GetElapsedTime(_startTimestamp).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>The first tick that is not before <paramref name="delay"/> from now: a timer never fires early.</summary>
    public long DeadlineTick(TimeSpan delay)
    {
        long delayNs = Math.Min(delay.Ticks, long.MaxValue / TimeSpan.NanosecondsPerTick / 2) * TimeSpan.NanosecondsPerTick;
        return (NowNs() + delayNs + NsPerTick - 1) / NsPerTick;
    }
}
