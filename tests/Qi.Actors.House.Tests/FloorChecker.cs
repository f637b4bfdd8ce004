// Compiles the sources in memory and asks, for every name in them, which type it uses and in which room that type is
// declared. Doc comments are not looked at: a summary may point upwards. What source generators would add is not there, so
// only errors that hide a name are errors here.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Qi.Actors.House.Tests;

/// <summary>A type of one floor that uses a type of a floor it must not know.</summary>
internal sealed record FloorViolation(string Path, int Line, string User, string UserRoom, string Used, string UsedRoom)
{
    public override string ToString()
        => $"{Path}({Line}): type {User} (floor {FloorPlan.FloorOf(UserRoom)}, {UserRoom}) " +
            $"uses {Used} (floor {FloorPlan.FloorOf(UsedRoom)}, {UsedRoom})";
}

/// <summary>Finds the uses between rooms that the floor plan forbids.</summary>
internal sealed class FloorChecker
{
    // The SDK's implicit usings of a library.
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
        "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    // Unknown type or namespace, unknown name: each could hide a use.
    private static readonly string[] s_blindingErrors = ["CS0103", "CS0234", "CS0246", "CS0400"];

    private static readonly MetadataReference[] s_references = [.. PlatformReferences()];

    private readonly List<FloorViolation> _violations = [];
    private readonly HashSet<(string Path, string User, string Used)> _seen = [];

    /// <summary>The violations, one for each file, using type and used type.</summary>
    public IReadOnlyList<FloorViolation> Violations => _violations;

    /// <summary>What kept the checker from seeing everything: syntax errors, unknown names, files in no room.</summary>
    public List<string> Obstacles { get; } = [];

    /// <summary>Checks the sources of src/Qi.Actors together.</summary>
    public static FloorChecker Check(IEnumerable<RepositoryFile> files)
    {
        var checker = new FloorChecker();
        List<SyntaxTree> trees = [.. files.Select(file => file.Parse())];
        SyntaxTree usings = new RepositoryFile("ImplicitUsings.cs", ImplicitUsings).Parse();
        var compilation = CSharpCompilation.Create(
            "Qi.Actors",
            [.. trees, usings],
            s_references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));

        checker.CollectObstacles(compilation, trees);
        foreach (SyntaxTree tree in trees)
        {
            if (FloorPlan.RoomOf(tree.FilePath) is { } room)
                checker.CheckTree(compilation.GetSemanticModel(tree), tree, room);
        }

        return checker;
    }

    private static IEnumerable<MetadataReference> PlatformReferences()
    {
        string trusted = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        return trusted
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(path => Path.GetFileName(path) is not "Qi.Actors.dll" and not "Qi.Actors.House.Tests.dll")
            .Select(path => MetadataReference.CreateFromFile(path));
    }

    private void CollectObstacles(CSharpCompilation compilation, List<SyntaxTree> trees)
    {
        Obstacles.AddRange(trees
            .Where(tree => FloorPlan.RoomOf(tree.FilePath) is null)
            .Select(tree => $"{tree.FilePath}: the file is in no room of the floor plan"));
        Obstacles.AddRange(trees
            .SelectMany(tree => tree.GetDiagnostics())
            .Concat(compilation.GetDiagnostics())
            .Where(found => found.Severity == DiagnosticSeverity.Error)
            .Where(found => s_blindingErrors.Contains(found.Id, StringComparer.Ordinal) || IsSyntaxError(found))
            .Select(found => found.ToString())
            .Distinct(StringComparer.Ordinal));
    }

    // The parser's errors are those that the tree knows without a compilation.
    private static bool IsSyntaxError(Diagnostic found)
        => found.Location.SourceTree is { } tree && tree.GetDiagnostics().Any(own => own.Location == found.Location);

    private void CheckTree(SemanticModel model, SyntaxTree tree, string room)
    {
        foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
        {
            if (node is not (SimpleNameSyntax or BaseObjectCreationExpressionSyntax or ConstructorInitializerSyntax))
                continue;

            SymbolInfo info = model.GetSymbolInfo(node);
            ISymbol? symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
            if (TypeOf(symbol) is { } used)
                CheckUse(node, room, used);
        }
    }

    private static INamedTypeSymbol? TypeOf(ISymbol? symbol) => symbol switch
    {
        INamedTypeSymbol type => type.OriginalDefinition,
        IArrayTypeSymbol array => TypeOf(array.ElementType),
        IPointerTypeSymbol pointer => TypeOf(pointer.PointedAtType),
        IMethodSymbol method => (method.ReducedFrom ?? method).ContainingType?.OriginalDefinition,
        IPropertySymbol or IFieldSymbol or IEventSymbol => symbol.ContainingType?.OriginalDefinition,
        _ => null,
    };

    private void CheckUse(SyntaxNode node, string room, INamedTypeSymbol used)
    {
        // A partial type counts as declared in the highest of its rooms, so that none of its parts can sink unseen.
        string? usedRoom = used.DeclaringSyntaxReferences
            .Select(reference => FloorPlan.RoomOf(reference.SyntaxTree.FilePath))
            .Where(found => found is not null)
            .MaxBy(found => FloorPlan.FloorOf(found!));
        if (usedRoom is null || FloorPlan.MayUse(room, usedRoom))
            return;

        string path = node.SyntaxTree.FilePath;
        string user = UserOf(node);
        string name = NameOf(used);
        int line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
        if (_seen.Add((path, user, name)))
            _violations.Add(new FloorViolation(path, line, user, room, name, usedRoom));
    }

    private static string NameOf(INamedTypeSymbol type)
        => type.ContainingType is { } outer ? NameOf(outer) + "." + type.Name : type.Name;

    private static string UserOf(SyntaxNode node)
    {
        IEnumerable<string> names = node.AncestorsAndSelf()
            .Select(ancestor => ancestor switch
            {
                BaseTypeDeclarationSyntax type => type.Identifier.Text,
                DelegateDeclarationSyntax type => type.Identifier.Text,
                _ => "",
            })
            .Where(name => name.Length > 0)
            .Reverse();
        string joined = string.Join('.', names);
        return joined.Length > 0 ? joined : "(usings)";
    }
}
