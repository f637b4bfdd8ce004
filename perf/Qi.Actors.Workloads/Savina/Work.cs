namespace Qi.Actors.Workloads.Savina;

/// <summary>Work that stands for a party's own, the same on both sides.</summary>
internal static class Work
{
    private const int SwapsInDraw = 2;
    private const long Multiplier = 6364136223846793005;
    private const long Increment = 1442695040888963407;

    /// <summary>
    /// The suite's busy wait: it draws numbers from a generator that threads may share, two compare-and-swaps a number.
    /// </summary>
    public static void Spin(ref long state, int draws)
    {
        for (int i = 0; i < draws * SwapsInDraw; i++)
        {
            long before = Volatile.Read(ref state);
            Interlocked.CompareExchange(ref state, unchecked((before * Multiplier) + Increment), before);
        }
    }

    /// <summary>The suite's calculation of the fork-join benchmarks; more than zero but for the multiples of pi.</summary>
    public static double SquareOfSine(double theta)
    {
        double sine = Math.Sin(theta);
        return sine * sine;
    }
}
