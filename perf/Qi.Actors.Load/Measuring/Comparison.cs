using Qi.Actors.Load.Contenders;
using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Measuring;

/// <summary>One workload with all who did it.</summary>
/// <param name="Workload">What was done.</param>
/// <param name="Size">How many operations in a round.</param>
/// <param name="Series">The contenders in the order of the rounds.</param>
/// <param name="Failures">Who did not do it, and why.</param>
internal sealed record Comparison(Workload Workload, int Size, IReadOnlyList<Series> Series, IReadOnlyList<string> Failures)
{
    /// <summary>A spread of rounds above this is noise.</summary>
    public const double NoisySpread = 0.10;

    /// <summary>The fastest of Qi's renderings that promise the same as the peers.</summary>
    public Series? Qi => Least(isQi: true, series => series.Median);

    /// <summary>The fastest of all others.</summary>
    public Series? BestPeer => Least(isQi: false, series => series.Median);

    /// <summary>The fastest of the other runtimes: the peers that are no part of .NET.</summary>
    public Series? BestRuntime => Best(contender => !contender.IsDotNet);

    /// <summary>The fastest of the stock parts of .NET.</summary>
    public Series? BestStock => Best(contender => contender.IsDotNet && !contender.IsQi);

    /// <summary>How many times as fast as the best peer Qi is; null without the two.</summary>
    public double? Ratio => Qi is { } qi ? RatioOf(qi) : null;

    /// <summary>How many times as fast as the best peer a contender is; null for one whose timers ring early.</summary>
    public double? RatioOf(Series series) => BestPeer is { } best && series.Median > 0 ? best.Median / series.Median : null;

    /// <summary>How many times as fast as another Qi is; null without the two.</summary>
    public double? RatioTo(Series? other) => Qi is { Median: > 0 } qi && other is { Median: > 0 } ? other.Median / qi.Median : null;

    /// <summary>True if the middle halves of Qi's and the best peer's rounds overlap: who is faster cannot be said.</summary>
    public bool CanFlip
        => Qi is { } qi && BestPeer is { } best
            && Statistics.Quantile(qi.Values, 0.25) <= Statistics.Quantile(best.Values, 0.75)
            && Statistics.Quantile(best.Values, 0.25) <= Statistics.Quantile(qi.Values, 0.75);

    /// <summary>True if the rounds of a contender differ so much that its median says little.</summary>
    public static bool IsNoisy(Series series) => series.Spread > NoisySpread;

    /// <summary>True if the ratio must not be relied on.</summary>
    public bool IsDoubtful => CanFlip || (Qi is { } qi && IsNoisy(qi)) || (BestPeer is { } best && IsNoisy(best));

    /// <summary>The one of Qi's renderings, or of all others, that is least in a figure, of those that have it.</summary>
    /// <remarks>Who is late by less than nothing has rung early, which is not what was asked for: it is never the best.</remarks>
    public Series? Least(bool isQi, Func<Series, double?> figure)
        => Series
            .Where(series => series.Contender.IsQi == isQi && series is { IsComparable: true, Median: > 0 } && figure(series) is not null)
            .MinBy(figure);

    private Series? Best(Func<Contender, bool> isOneOf)
        => Series.Where(series => isOneOf(series.Contender) && series.IsComparable && series.Median > 0).MinBy(series => series.Median);
}
