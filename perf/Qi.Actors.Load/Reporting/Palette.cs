namespace Qi.Actors.Load.Reporting;

/// <summary>The colours of the picture: Qi's are strong, the peers' their own, the stock parts' greyish.</summary>
internal static class Palette
{
    public const string Page = "#f5f6f8";
    public const string Card = "#ffffff";
    public const string Edge = "#e3e6eb";
    public const string Line = "#8a93a3";
    public const string Ink = "#1f2733";
    public const string Quiet = "#66707f";
    public const string Qi = "#1b7f5c";
    public const string Behind = "#b4472e";

    // In the order of the legend.
    private static readonly OrderedDictionary<string, string> s_colours = new(StringComparer.Ordinal)
    {
        ["Qi"] = Qi,
        ["Qi coroutine"] = "#4cb48c",
        ["Qi message allocated"] = "#8fd3b8",
        ["Tokio"] = "#d9622b",
        ["Tokio+jemalloc"] = "#eb9a6a",
        ["Go"] = "#2aa5c9",
        ["Erlang"] = "#b02a5b",
        ["ActionBlock"] = "#5b6b8c",
        ["ActionBlock single-producer"] = "#5b6b8c",
        ["BufferBlock"] = "#8291b0",
        ["Channel"] = "#7d6fa8",
        ["Task"] = "#a89b6f",
        ["ThreadPool"] = "#c4bb9a",
    };

    /// <summary>Where a contender stands in the legend; strangers come last.</summary>
    public static int RankOf(string contender)
    {
        int index = s_colours.IndexOf(contender);
        return index >= 0 ? index : s_colours.Count;
    }

    public static string ColourOf(string contender)
        => s_colours.TryGetValue(contender, out string? colour) ? colour
            : contender.StartsWith("Qi", StringComparison.Ordinal) ? "#8fd3b8"
            : "#9aa3af";
}
