// As much of Markdown as the guards need: fenced blocks, and relative links outside of them and of code spans.

using System.Text.RegularExpressions;

namespace Qi.Actors.House.Tests;

/// <summary>A fenced block: its language, its text, and the snippet name in the comment above it.</summary>
internal sealed record FencedBlock(int Line, string Language, string Text, string? Snippet);

/// <summary>A link to another file of the repository.</summary>
internal sealed record RelativeLink(int Line, string Target);

/// <summary>What the guards read in a Markdown file.</summary>
internal static class MarkdownFile
{
    private static readonly Regex s_fence = new(@"^\s*(?<fence>`{3,}|~{3,})\s*(?<language>[\w#+-]*)", RegexOptions.CultureInvariant);
    private static readonly Regex s_snippet = new(@"^\s*<!--\s*snippet:\s*(?<name>[\w-]+)\s*-->\s*$", RegexOptions.CultureInvariant);
    private static readonly Regex s_codeSpan = new("(?<ticks>`+).+?\\k<ticks>", RegexOptions.CultureInvariant);
    private static readonly Regex s_inlineLink = new(@"\]\(\s*<?(?<target>[^)>\s]+)>?(?:\s+""[^""]*"")?\s*\)", RegexOptions.CultureInvariant);
    private static readonly Regex s_definition = new(@"^\s{0,3}\[[^\]]+\]:\s*<?(?<target>[^>\s]+)", RegexOptions.CultureInvariant);
    private static readonly Regex s_scheme = new("^[A-Za-z][A-Za-z0-9+.-]*:", RegexOptions.CultureInvariant);

    /// <summary>The fenced blocks of a text, in order.</summary>
    public static IReadOnlyList<FencedBlock> Blocks(string text) => Scan(text).Blocks;

    /// <summary>The relative links of a text, without their anchors, in order.</summary>
    public static IReadOnlyList<RelativeLink> Links(string text) => Scan(text).Links;

    private static (List<FencedBlock> Blocks, List<RelativeLink> Links) Scan(string text)
    {
        string[] lines = text.Split('\n');
        List<FencedBlock> blocks = [];
        List<RelativeLink> links = [];
        string? snippet = null;
        for (int index = 0; index < lines.Length; index++)
        {
            string line = lines[index];
            if (s_fence.Match(line) is { Success: true } fence)
            {
                int end = EndOfBlock(lines, index, fence.Groups["fence"].Value);
                string body = string.Join('\n', lines[(index + 1)..end]);
                blocks.Add(new FencedBlock(index + 1, fence.Groups["language"].Value, body, snippet));
                index = end;
                snippet = null;
            }
            else if (s_snippet.Match(line) is { Success: true } named)
            {
                snippet = named.Groups["name"].Value;
            }
            else if (line.Trim().Length > 0)
            {
                snippet = null;
                links.AddRange(LinksOf(line, index + 1));
            }
        }

        return (blocks, links);
    }

    private static int EndOfBlock(string[] lines, int start, string fence)
    {
        int end = start + 1;
        while (end < lines.Length && !IsClosing(lines[end].Trim(), fence))
            end++;
        return end;
    }

    private static bool IsClosing(string line, string fence)
        => line.Length >= fence.Length && line.All(character => character == fence[0]);

    private static IEnumerable<RelativeLink> LinksOf(string line, int number)
    {
        string prose = s_codeSpan.Replace(line, "");
        return s_inlineLink.Matches(prose)
            .Concat(s_definition.Matches(prose))
            .Select(match => match.Groups["target"].Value)
            .Where(target => !s_scheme.IsMatch(target) && target[0] != '#' && !target.StartsWith("//", StringComparison.Ordinal))
            .Select(target => new RelativeLink(number, Uri.UnescapeDataString(target.Split('#', '?')[0])));
    }
}
