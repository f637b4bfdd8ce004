namespace Qi.Actors.Load.Measuring;

/// <summary>The few figures that rounds are boiled down to.</summary>
internal static class Statistics
{
    public static double Median(IReadOnlyCollection<double> values) => Quantile(values, 0.5);

    /// <summary>A quantile, interpolated between the two values beside it.</summary>
    public static double Quantile(IReadOnlyCollection<double> values, double quantile)
    {
        if (values.Count == 0)
            throw new ArgumentException("There is no quantile of nothing. Measure at least one round.", nameof(values));
        double[] sorted = [.. values.Order()];
        double place = quantile * (sorted.Length - 1);
        int lower = (int)place;
        int upper = Math.Min(lower + 1, sorted.Length - 1);
        return sorted[lower] + ((place - lower) * (sorted[upper] - sorted[lower]));
    }

    /// <summary>How far the middle half of the rounds is spread, as a share of the median: one wild round does not count.</summary>
    public static double Spread(IReadOnlyCollection<double> values)
    {
        double median = Median(values);
        return median > 0 ? (Quantile(values, 0.75) - Quantile(values, 0.25)) / median : 0;
    }
}
