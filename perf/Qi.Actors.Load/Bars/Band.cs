using System.Runtime.InteropServices;

using Qi.Actors.Load.Measuring;

namespace Qi.Actors.Load.Bars;

/// <summary>A median with the middle half of the rounds around it. An end that is not known is zero or infinite.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Band(double Low, double Median, double High)
{
    /// <summary>That of some rounds; null if there are none.</summary>
    public static Band? Of(IReadOnlyCollection<double> values)
        => values.Count == 0 ? null : new Band(Statistics.Quantile(values, 0.25), Statistics.Median(values), Statistics.Quantile(values, 0.75));

    /// <summary>How many times another one this is: from the worst of this by the best of the other to the reverse.</summary>
    public Band Over(Band other) => new(Low / other.High, Median / other.Median, High / other.Low);

    /// <summary>The same, of which it is known only that it is so large at least.</summary>
    public Band OrMore() => this with { High = double.PositiveInfinity };

    /// <summary>The same, of which it is known only that it is so large at most.</summary>
    public Band OrLess() => this with { Low = 0 };

    public string ToString(Func<double, string> write) => (Low, High) switch
    {
        (0, double.PositiveInfinity) => $"? {write(Median)}",
        (_, double.PositiveInfinity) => $"≥ {write(Median)}",
        (0, > 0) => $"≤ {write(Median)}",
        _ => $"{write(Median)} ({write(Low)} to {write(High)})",
    };
}
