using System.Globalization;

namespace Qi.Actors.Platform;

/// <summary>Linux's notation for sets of cores: <c>0-3,8,10-11</c>.</summary>
/// <remarks><b>Source</b>: "List format" in the kernel's cpuset documentation.</remarks>
public static class CpuList
{
    private const int HighestCore = 65_535;

    /// <summary>Reads a list; the result is sorted and has no duplicates. An empty text is an empty list.</summary>
    /// <param name="text">Numbers and ranges separated by commas; white space around them is allowed.</param>
    /// <exception cref="FormatException">The text is not such a list.</exception>
    public static int[] Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        SortedSet<int> cores = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int dash = part.IndexOf('-', StringComparison.Ordinal);
            int first = ParseCore(dash < 0 ? part : part[..dash], text);
            int last = dash < 0 ? first : ParseCore(part[(dash + 1)..], text);
            if (last < first)
            {
                throw Malformed(text);
            }

            for (int core = first; core <= last; core++)
            {
                cores.Add(core);
            }
        }

        return [.. cores];
    }

    private static int ParseCore(string text, string whole)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int core) && core <= HighestCore
            ? core
            : throw Malformed(whole);

    private static FormatException Malformed(string text)
        => new($"'{text}' is not a list of cores. Write numbers and rising ranges up to {HighestCore}, such as 0-3,8,10-11.");
}
