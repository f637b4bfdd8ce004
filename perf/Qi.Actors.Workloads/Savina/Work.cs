using Qi.Actors.Platform;

namespace Qi.Actors.Workloads.Savina;

/// <summary>Work that stands for a party's own, the same on both sides.</summary>
internal static class Work
{
    /// <summary>Draws numbers: the suite's busy wait.</summary>
    public static void Spin(ref Rng random, int draws)
    {
        for (int i = 0; i < draws; i++)
            _ = random.NextDouble();
    }

    /// <summary>The suite's calculation of the fork-join benchmarks; more than zero but for the multiples of pi.</summary>
    public static double SquareOfSine(double theta)
    {
        double sine = Math.Sin(theta);
        return sine * sine;
    }
}
