using System.Globalization;

namespace Qi.Actors.Load.Reporting;

/// <summary>How figures are written for people.</summary>
internal static class Figures
{
    /// <summary>Three digits that count, with groups of thousands.</summary>
    public static string Short(double value)
    {
        string format = Math.Abs(value) switch
        {
            >= 99.95 => "N0",
            >= 9.995 => "N1",
            _ => "N2",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    public static string Ratio(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Percent(double share) => (share * 100).ToString("0", CultureInfo.InvariantCulture) + " %";

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A time with its unit.</summary>
    public static string Time(double ns) => Math.Abs(ns) switch
    {
        < 1e3 => $"{Short(ns)} ns",
        < 1e6 => $"{Short(ns / 1e3)} µs",
        _ => $"{Short(ns / 1e6)} ms",
    };

    /// <summary>A word and its plural.</summary>
    public static string Plural(string word)
        => word.EndsWith("leaf", StringComparison.Ordinal) ? "leaves"
            : word.EndsWith("party", StringComparison.Ordinal) ? "parties"
            : word + "s";
}
