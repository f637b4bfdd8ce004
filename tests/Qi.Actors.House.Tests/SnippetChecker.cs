// The README shows code that runs: each of its C# blocks is a region of samples/Tour, word for word.

using System.Text.RegularExpressions;

namespace Qi.Actors.House.Tests;

/// <summary>Compares the C# blocks of a Markdown text with the regions of the sample.</summary>
internal sealed class SnippetChecker
{
    private static readonly Regex s_begin = new(@"^\s*// snippet: (?<name>[\w-]+)\s*$", RegexOptions.CultureInvariant);
    private static readonly Regex s_end = new(@"^\s*// end snippet\s*$", RegexOptions.CultureInvariant);

    private readonly Dictionary<string, (string Place, string Text)> _regions = new(StringComparer.Ordinal);

    /// <summary>What is wrong.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Checks the blocks of a document against the regions of the sample's files.</summary>
    public static SnippetChecker Check(RepositoryFile document, IEnumerable<RepositoryFile> samples, WaiverList unshown)
    {
        var checker = new SnippetChecker();
        foreach (RepositoryFile sample in samples)
            checker.CollectRegions(sample);
        checker.CheckBlocks(document, unshown);
        return checker;
    }

    private void CollectRegions(RepositoryFile sample)
    {
        string[] lines = sample.Text.Split('\n');
        string? name = null;
        int start = 0;
        for (int index = 0; index < lines.Length; index++)
        {
            string place = $"{sample.Path}({index + 1})";
            if (s_begin.Match(lines[index]) is { Success: true } begin)
            {
                if (name is not null)
                    Problems.Add($"{place}: a snippet begins inside the snippet '{name}'");
                name = begin.Groups["name"].Value;
                start = index + 1;
            }
            else if (s_end.IsMatch(lines[index]))
            {
                if (name is null)
                    Problems.Add($"{place}: the end of a snippet that never began");
                else if (!_regions.TryAdd(name, (place, Unindent(lines[start..index]))))
                    Problems.Add($"{place}: there are two snippets '{name}'");
                name = null;
            }
        }

        if (name is not null)
            Problems.Add($"{sample.Path}: the snippet '{name}' never ends");
    }

    private void CheckBlocks(RepositoryFile document, WaiverList unshown)
    {
        HashSet<string> shown = new(StringComparer.Ordinal);
        foreach (FencedBlock block in MarkdownFile.Blocks(document.Text))
        {
            string place = $"{document.Path}({block.Line})";
            if (block.Language is not ("csharp" or "cs" or "c#" or "C#"))
                continue;

            if (block.Snippet is null)
                Problems.Add($"{place}: no '<!-- snippet: name -->' above this C# block");
            else if (!_regions.TryGetValue(block.Snippet, out (string Place, string Text) region))
                Problems.Add($"{place}: samples/Tour has no snippet '{block.Snippet}'");
            else if (!string.Equals(region.Text, block.Text, StringComparison.Ordinal))
                Problems.Add($"{place}: differs from the snippet '{block.Snippet}' that ends at {region.Place}: {Difference(region.Text, block.Text)}");

            if (block.Snippet is not null)
                shown.Add(block.Snippet);
        }

        Problems.AddRange(_regions
            .Where(region => !shown.Contains(region.Key) && !unshown.Covers(region.Key))
            .Select(region => $"{region.Value.Place}: {document.Path} does not show the snippet '{region.Key}'"));
    }

    private static string Unindent(string[] lines)
    {
        int indent = lines
            .Where(line => line.Trim().Length > 0)
            .Select(line => line.Length - line.TrimStart().Length)
            .DefaultIfEmpty(0)
            .Min();
        return string.Join('\n', lines.Select(line => line.Length >= indent ? line[indent..] : ""));
    }

    private static string Difference(string sample, string document)
    {
        string[] left = sample.Split('\n');
        string[] right = document.Split('\n');
        int index = 0;
        while (index < left.Length && index < right.Length && string.Equals(left[index], right[index], StringComparison.Ordinal))
            index++;
        return $"line {index + 1} is '{LineAt(right, index)}' and should be '{LineAt(left, index)}'";
    }

    private static string LineAt(string[] lines, int index) => index < lines.Length ? lines[index] : "(end)";
}
