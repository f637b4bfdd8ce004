namespace Qi.Actors.Load.Bars;

/// <summary>What became of a bar.</summary>
internal enum BarVerdict
{
    Met,
    Missed,

    /// <summary>The rounds lie on both sides of the bar, or were disturbed: who is better cannot be said.</summary>
    Unsure,
}

/// <summary>A line that was drawn beforehand, and what was measured.</summary>
/// <param name="What">What is measured, and beside whom.</param>
/// <param name="Wanted">The line.</param>
/// <param name="Measured">The median, with the part of the rounds that lies around it.</param>
/// <param name="Verdict">Whether it was reached.</param>
internal sealed record Bar(string What, string Wanted, string Measured, BarVerdict Verdict)
{
    /// <summary>A figure that should be so large at least.</summary>
    /// <param name="what">What is measured.</param>
    /// <param name="wanted">The line.</param>
    /// <param name="band">What was measured; null if nothing was.</param>
    /// <param name="write">How the figure is written.</param>
    /// <param name="isDisturbed">True if others were at work beside it.</param>
    public static Bar AtLeast(string what, double wanted, Band? band, Func<double, string> write, bool isDisturbed = false)
        => Of(what, $"≥ {write(wanted)}", band, write, isDisturbed, isMet: band?.Low >= wanted, isMissed: band?.High < wanted);

    /// <summary>A figure that should be so large at most.</summary>
    /// <inheritdoc cref="AtLeast" path="/param"/>
    public static Bar AtMost(string what, double wanted, Band? band, Func<double, string> write, bool isDisturbed = false)
        => Of(what, $"≤ {write(wanted)}", band, write, isDisturbed, isMet: band?.High <= wanted, isMissed: band?.Low > wanted);

    /// <summary>One that could not be measured.</summary>
    public static Bar Failed(string what, string why) => new(what, "–", why, BarVerdict.Missed);

    private static Bar Of(string what, string wanted, Band? band, Func<double, string> write, bool isDisturbed, bool isMet, bool isMissed) => new(
        what,
        wanted,
        band is { } figure ? figure.ToString(write) + (isDisturbed ? " ~" : "") : "nothing: no round counts",
        isDisturbed || (!isMet && !isMissed) ? BarVerdict.Unsure : isMet ? BarVerdict.Met : BarVerdict.Missed);
}
