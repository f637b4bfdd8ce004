using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Qi.Actors.House.Tests;

/// <summary>A file, or a method of it, with its number of lines.</summary>
internal sealed record Length(string Path, string? Method, int Line, int Lines)
{
    public override string ToString()
        => Method is null ? $"{Path}: {Lines} lines" : $"{Path}({Line}): {Method} has {Lines} lines";
}

/// <summary>Finds what is too long to be read at one sitting.</summary>
internal static class LengthChecker
{
    public const int MostLinesOfAFile = 300;
    public const int MostLinesOfAMethod = 70;

    /// <summary>The file if it is too long, and each of its methods that is.</summary>
    public static IEnumerable<Length> TooLong(RepositoryFile file)
    {
        int lines = file.Text.Count(character => character == '\n') + (file.Text.EndsWith('\n') ? 0 : 1);
        if (lines > MostLinesOfAFile)
            yield return new Length(file.Path, null, 1, lines);

        SyntaxTree tree = file.Parse();
        SyntaxNode root = tree.GetRoot();
        foreach (SyntaxNode node in root.DescendantNodes().Where(IsMethod))
        {
            Length method = Measure(file, tree, node.Span, NameOf(node));
            if (method.Lines > MostLinesOfAMethod)
                yield return method;
        }

        GlobalStatementSyntax[] statements = [.. root.ChildNodes().OfType<GlobalStatementSyntax>()];
        if (statements.Length > 0)
        {
            var span = TextSpan.FromBounds(statements[0].SpanStart, statements[^1].Span.End);
            Length main = Measure(file, tree, span, "(top-level statements)");
            if (main.Lines > MostLinesOfAMethod)
                yield return main;
        }
    }

    private static bool IsMethod(SyntaxNode node)
        => node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax
            || (node is PropertyDeclarationSyntax { ExpressionBody: not null });

    private static Length Measure(RepositoryFile file, SyntaxTree tree, TextSpan span, string name)
    {
        LinePositionSpan lines = tree.GetLineSpan(span).Span;
        return new Length(file.Path, name, lines.Start.Line + 1, lines.End.Line - lines.Start.Line + 1);
    }

    private static string NameOf(SyntaxNode node)
        => string.Join('.', node.AncestorsAndSelf().Select(OwnName).Where(name => name.Length > 0).Reverse());

    private static string OwnName(SyntaxNode node) => node switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax => "ctor",
        DestructorDeclarationSyntax => "finalizer",
        OperatorDeclarationSyntax @operator => "operator " + @operator.OperatorToken.Text,
        ConversionOperatorDeclarationSyntax conversion => "operator " + conversion.Type,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        IndexerDeclarationSyntax => "this",
        EventDeclarationSyntax @event => @event.Identifier.Text,
        AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
        LocalFunctionStatementSyntax local => local.Identifier.Text,
        _ => "",
    };
}
