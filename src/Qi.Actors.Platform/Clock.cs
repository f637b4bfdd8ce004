using System.Diagnostics;

namespace Qi.Actors.Platform;

/// <summary>The monotonic clock, and conversions between its units.</summary>
/// <remarks>
/// <b>Threads</b>: any; two readings on different threads are ordered as the readings were. <b>Units</b>: a <em>tick</em> is one
/// unit of <see cref="Stopwatch.Frequency"/>, not a 100 ns <see cref="TimeSpan"/> tick. <b>Cost</b>: about 20 ns a reading.
/// Conversions round down and saturate at the ends of <see cref="long"/> instead of overflowing.
/// </remarks>
public static class Clock
{
    /// <summary>Nanoseconds in a second.</summary>
    public const long NsPerSecond = 1_000_000_000;

    /// <summary>Nanoseconds in a millisecond.</summary>
    public const long NsPerMs = 1_000_000;

    private const long NsPerTimeSpanTick = 100;

    private static readonly long s_ticksPerSecond = Stopwatch.Frequency;

    /// <summary>Time since an arbitrary origin, in nanoseconds. Never decreases.</summary>
    public static long NowNs() => TicksToNs(Stopwatch.GetTimestamp());

    /// <summary>Time since the same origin, in stopwatch ticks: the cheapest reading.</summary>
    public static long NowTicks() => Stopwatch.GetTimestamp();

    /// <summary>Time since the same origin, in whole milliseconds.</summary>
    public static long NowMs() => NowNs() / NsPerMs;

    /// <summary>Milliseconds on a clock that is cheap to read and up to 16 ms behind. Its origin is its own.</summary>
    public static long CoarseNowMs() => Environment.TickCount64;

    /// <summary>Processor time that this process has used, user and kernel together, over all its threads.</summary>
    /// <remarks><b>Units</b>: nanoseconds, in the system's accounting steps. <b>Cost</b>: one system call.</remarks>
    public static long CpuTimeNs() => TimeSpanToNs(Environment.CpuUsage.TotalTime);

    /// <summary>Stopwatch ticks to nanoseconds.</summary>
    public static long TicksToNs(long ticks)
        => s_ticksPerSecond == NsPerSecond ? ticks : Scale(ticks, NsPerSecond, s_ticksPerSecond);

    /// <summary>Nanoseconds to stopwatch ticks.</summary>
    public static long NsToTicks(long ns)
        => s_ticksPerSecond == NsPerSecond ? ns : Scale(ns, s_ticksPerSecond, NsPerSecond);

    /// <summary>Stopwatch ticks to milliseconds.</summary>
    public static long TicksToMs(long ticks) => Scale(ticks, 1_000, s_ticksPerSecond);

    /// <summary>Milliseconds to stopwatch ticks.</summary>
    public static long MsToTicks(long ms) => Scale(ms, s_ticksPerSecond, 1_000);

    /// <summary>Stopwatch ticks to a <see cref="TimeSpan"/>.</summary>
    public static TimeSpan TicksToTimeSpan(long ticks) => new(Scale(ticks, TimeSpan.TicksPerSecond, s_ticksPerSecond));

    /// <summary>A <see cref="TimeSpan"/> to stopwatch ticks.</summary>
    public static long TimeSpanToTicks(TimeSpan span) => Scale(span.Ticks, s_ticksPerSecond, TimeSpan.TicksPerSecond);

    /// <summary>Nanoseconds to a <see cref="TimeSpan"/>.</summary>
    public static TimeSpan NsToTimeSpan(long ns) => new(ns / NsPerTimeSpanTick);

    /// <summary>A <see cref="TimeSpan"/> to nanoseconds.</summary>
    public static long TimeSpanToNs(TimeSpan span) => Scale(span.Ticks, NsPerTimeSpanTick, 1);

    /// <summary><paramref name="value"/> × <paramref name="numerator"/> ÷ <paramref name="denominator"/> in 128 bits.</summary>
    internal static long Scale(long value, long numerator, long denominator)
    {
        Debug.Assert(denominator > 0, "A unit has a positive size.");
        long high = Math.BigMul(value, numerator, out long low);
        if (high == low >> 63)
        {
            return FloorDivide(low, denominator);
        }

        Int128 wide = (Int128)value * numerator;
        Int128 quotient = wide / denominator;
        if (wide < 0 && quotient * denominator != wide)
        {
            quotient--;
        }

        return quotient > long.MaxValue ? long.MaxValue : quotient < long.MinValue ? long.MinValue : (long)quotient;
    }

    private static long FloorDivide(long value, long divisor)
    {
        (long quotient, long remainder) = Math.DivRem(value, divisor);
        return remainder < 0 ? quotient - 1 : quotient;
    }
}
