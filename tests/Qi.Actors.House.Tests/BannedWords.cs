// What must not be written, and where. The words are put together from halves, so that this file may be read by its own
// guard; comments, attributes and calls are taken from the syntax tree, so that strings in tests can plant what they like.

using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Qi.Actors.House.Tests;

/// <summary>Something that must not stand in a file. The subject is what a waiver names, if it may be waived.</summary>
internal sealed record Banned(string Path, int Line, string What, string? Subject = null)
{
    public override string ToString() => $"{Path}({Line}): {What}";
}

/// <summary>Finds words, paths, attributes, calls and layout that the house does not have.</summary>
internal static class BannedWords
{
    private static readonly Regex s_promises = new(
        @"\b(?:TO" + "DO|FIX" + "ME|HA" + "CK|NotImplemented" + @"Exception)\b", RegexOptions.CultureInvariant);

    // An absolute path begins a word: a URL or a relative path that goes through such a folder is none.
    private static readonly Regex s_machinePaths = new(
        @"(?<![\w.~*}\])/-])/(?:work|ro" + "ot|t" + @"mp)/|\b[A-Za-z]:\\+Us" + "ers", RegexOptions.CultureInvariant);

    private static readonly string[] s_disablingAttributes = ["Ignore", "Explicit"];

    /// <summary>Looks at the layout and the paths of any text file.</summary>
    public static IEnumerable<Banned> InText(RepositoryFile file)
    {
        string[] lines = file.Text.Split('\n');
        for (int index = 0; index < lines.Length; index++)
        {
            string line = lines[index];
            if (line.Contains('\t', StringComparison.Ordinal))
                yield return new Banned(file.Path, index + 1, "a tab");
            if (line.Length > 0 && char.IsWhiteSpace(line[^1]))
                yield return new Banned(file.Path, index + 1, "white space at the end of the line");
            if (s_machinePaths.Match(line) is { Success: true } path)
                yield return new Banned(file.Path, index + 1, $"the machine's own path '{path.Value}'");
        }

        if (file.Text.Length > 0 && !file.Text.EndsWith('\n'))
            yield return new Banned(file.Path, lines.Length, "no newline at the end of the file");
    }

    /// <summary>Looks for promises in a file of code or of the build.</summary>
    public static IEnumerable<Banned> Promises(RepositoryFile file)
    {
        string[] lines = file.Text.Split('\n');
        for (int index = 0; index < lines.Length; index++)
        {
            if (s_promises.Match(lines[index]) is { Success: true } promise)
                yield return new Banned(file.Path, index + 1, $"'{promise.Value}'");
        }
    }

    /// <summary>Looks for code that was commented out.</summary>
    public static IEnumerable<Banned> CommentedOutCode(RepositoryFile file)
    {
        foreach (SyntaxTrivia comment in file.Parse().GetRoot().DescendantTrivia())
        {
            if (!comment.IsKind(SyntaxKind.SingleLineCommentTrivia))
                continue;

            string text = comment.ToString().TrimEnd();
            if (text.EndsWith(';') || text.EndsWith('{'))
                yield return new Banned(file.Path, LineOf(comment.GetLocation()), $"code in a comment: {text}");
        }
    }

    /// <summary>Looks for tests that are switched off.</summary>
    public static IEnumerable<Banned> DisabledTests(RepositoryFile file)
        => file.Parse().GetRoot().DescendantNodes()
            .OfType<AttributeSyntax>()
            .Where(attribute => s_disablingAttributes.Contains(ShortName(attribute), StringComparer.Ordinal))
            .Select(attribute => new Banned(file.Path, LineOf(attribute.GetLocation()), $"a test switched off by [{attribute.Name}]"));

    /// <summary>Looks for waits by the clock.</summary>
    /// <remarks>A delay of <c>Timeout.Infinite</c> waits for its cancellation, not for the clock.</remarks>
    public static IEnumerable<Banned> Sleeps(RepositoryFile file)
    {
        foreach (InvocationExpressionSyntax call in file.Parse().GetRoot().DescendantNodes().OfType<InvocationExpressionSyntax>())
        {
            if (call.Expression is not MemberAccessExpressionSyntax member)
                continue;

            string name = $"{LastName(member.Expression)}.{member.Name.Identifier.Text}";
            bool endless = call.ArgumentList.Arguments.FirstOrDefault()?.ToString().StartsWith("Timeout.Infinite", StringComparison.Ordinal)
                ?? false;
            if (name is "Thread.Sleep" || (name is "Task.Delay" && !endless))
                yield return new Banned(file.Path, LineOf(call.GetLocation()), $"{name}: await a signal or advance the clock", name);
        }
    }

    private static int LineOf(Location location) => location.GetLineSpan().StartLinePosition.Line + 1;

    private static string LastName(ExpressionSyntax expression)
        => expression is MemberAccessExpressionSyntax member ? member.Name.Identifier.Text : expression.ToString();

    private static string ShortName(AttributeSyntax attribute)
    {
        string name = attribute.Name.ToString().Split('.')[^1];
        return name.EndsWith("Attribute", StringComparison.Ordinal) ? name[..^"Attribute".Length] : name;
    }
}
