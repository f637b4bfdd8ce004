using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Qi.Actors.Load.Models;

/// <summary>Work of a known length: a number of steps, each of which needs the one before.</summary>
internal static class Work
{
    private const int Trials = 101;
    private const int StepsATrial = 100_000;

    private static double s_stepNs = 1;

    /// <summary>Finds out how long a step takes just now.</summary>
    public static void Calibrate()
    {
        var times = new double[Trials];
        ulong state = 1;
        for (int i = 0; i < Trials; i++)
        {
            long start = Stopwatch.GetTimestamp();
            state = Do(StepsATrial, state);
            times[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / StepsATrial;
        }

        GC.KeepAlive(state);
        s_stepNs = Statistic.Median(times);
    }

    /// <summary>How many steps take this long.</summary>
    public static int StepsFor(TimeSpan time) => (int)(time.TotalNanoseconds / s_stepNs);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Do(int steps, ulong state)
    {
        for (int i = 0; i < steps; i++)
            state = (state * 6364136223846793005UL) + 1442695040888963407UL;
        return state;
    }
}

/// <summary>Statistics of few values.</summary>
internal static class Statistic
{
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
