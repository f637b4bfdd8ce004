// How long threads of this process were ready to run and had no core: what other processes took from it. Linux tells it for every
// thread; elsewhere nothing is known, and nothing is left out.

using System.Diagnostics;
using System.Globalization;

namespace Qi.Actors.Load.Models;

/// <summary>Finds out whether the machine was disturbed while something was measured.</summary>
internal sealed class Disturbance
{
    private const string Threads = "/proc/self/task";
    private const double Tolerable = 0.02;

    private readonly long _waitedNs = WaitedNs();
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>True if cores were missing for more than a fiftieth of the time since this was made.</summary>
    public bool IsFelt() => WaitedNs() - _waitedNs > Tolerable * Stopwatch.GetElapsedTime(_start).TotalNanoseconds;

    /// <summary>Repeats a measurement until enough of them were undisturbed, or the tries are used up: then all count.</summary>
    public static List<T> Repeat<T>(int enough, int tries, Func<T> measure)
    {
        var good = new List<T>();
        var all = new List<T>();
        for (int i = 0; i < tries && good.Count < enough; i++)
        {
            var disturbance = new Disturbance();
            var result = measure();
            all.Add(result);
            if (!disturbance.IsFelt())
                good.Add(result);
        }

        return good.Count >= Math.Min(3, enough) ? good : all;
    }

    private static long WaitedNs()
    {
        if (!Directory.Exists(Threads))
            return 0;
        long sum = 0;
        foreach (string thread in Directory.EnumerateDirectories(Threads))
        {
            try
            {
                string[] fields = File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ');
                sum += long.Parse(fields[1], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread has just ended.
            }
        }

        return sum;
    }
}
