using System.Text.RegularExpressions;

namespace WordCount;

/// <summary>The plain way, to check the mesh against: a word is as many letters as stand together.</summary>
internal static partial class SequentialCount
{
    public static Dictionary<string, int> Count(IEnumerable<string> files)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            foreach (Match word in Word().Matches(File.ReadAllText(file)))
            {
                string key = word.Value.ToLowerInvariant();
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }

        return counts;
    }

    [GeneratedRegex(@"\p{L}+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
