// Compiles the sources, the substitutes, the controller and the scenarios once more, with one place changed, in memory. What is compiled
// stands in a list that the build writes; the trees of the files that do not change are parsed once.

using System.Reflection;
using System.Runtime.Loader;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Qi.Actors.Model.Mutants;

/// <summary>Makes assemblies of mutants.</summary>
internal sealed class MutantCompiler
{
    private static readonly string[] s_foldersOfOurs = ["Controller", "Exploring", "Substitutes", "Scenarios"];
    private static readonly CSharpParseOptions s_parsing = new(LanguageVersion.Preview, DocumentationMode.None);

    private readonly Dictionary<string, SyntaxTree> _trees;
    private readonly CSharpCompilation _unchanged;

    public MutantCompiler()
    {
        string list = Path.Combine(AppContext.BaseDirectory, "model-sources.txt");
        string project = File.ReadLines(list).First();
        _trees = File.ReadLines(list).Skip(1)
            .Where(path => IsPart(path, project))
            .ToDictionary(path => path, path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), s_parsing, path, System.Text.Encoding.UTF8), StringComparer.Ordinal);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) != "Qi.Actors.Model.Tests.dll")
            .Select(path => MetadataReference.CreateFromFile(path));
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            optimizationLevel: OptimizationLevel.Release,
            allowUnsafe: true,
            nullableContextOptions: NullableContextOptions.Annotations, // to look for nulls would take longer than all the rest
            reportSuppressedDiagnostics: false,
            warningLevel: 0);
        _unchanged = CSharpCompilation.Create("Qi.Actors.Model.Mutant", _trees.Values, references, options);
    }

    /// <summary>Checks that a mutant's place is there, once. What is wrong, or null.</summary>
    public string? Misfit(Mutant mutant)
    {
        string[] files = [.. _trees.Keys.Where(path => Path.GetFileName(path) == mutant.File)];
        if (files.Length != 1)
            return $"{files.Length} files are called {mutant.File}.";
        int times = _trees[files[0]].ToString().Split(mutant.Old).Length - 1;
        return times == 1 ? null : $"In {mutant.File} this stands {times} times, and should stand there once: {mutant.Old}";
    }

    /// <summary>Compiles and loads; null for no mutant at all.</summary>
    public Assembly Load(Mutant? mutant, AssemblyLoadContext context)
    {
        var compilation = _unchanged;
        if (mutant is not null)
        {
            var original = _trees.Single(pair => Path.GetFileName(pair.Key) == mutant.File).Value;
            string text = original.ToString().Replace(mutant.Old, mutant.New, StringComparison.Ordinal);
            compilation = _unchanged.ReplaceSyntaxTree(original, CSharpSyntaxTree.ParseText(text, s_parsing, original.FilePath, System.Text.Encoding.UTF8));
        }

        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        if (!result.Success)
            throw new InvalidOperationException($"{mutant?.Name ?? "The sources"} did not compile: {string.Join(Environment.NewLine, result.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error).Take(10))}");
        image.Position = 0;
        return context.LoadFromStream(image);
    }

    private static bool IsPart(string path, string project)
    {
        string relative = Path.GetRelativePath(project, path).Replace('\\', '/');
        bool isOurs = s_foldersOfOurs.Any(folder => relative.StartsWith(folder + "/", StringComparison.Ordinal));
        return isOurs || relative.StartsWith("../", StringComparison.Ordinal) && relative.Contains("/src/", StringComparison.Ordinal) || relative.EndsWith("GlobalUsings.g.cs", StringComparison.Ordinal);
    }
}
