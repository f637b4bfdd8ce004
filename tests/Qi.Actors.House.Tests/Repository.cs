// The tests of this project read the sources that they stand beside, so they find the repository from the place where
// they were built: the first folder upwards that holds the solution.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Qi.Actors.House.Tests;

/// <summary>A file of the repository: its path from the root, with forward slashes, and its text.</summary>
internal sealed record RepositoryFile(string Path, string Text)
{
    private static readonly CSharpParseOptions s_options = new(
        LanguageVersion.Preview,
        preprocessorSymbols: ["NET", "NET10_0", "NET10_0_OR_GREATER", "NET9_0_OR_GREATER", "NET8_0_OR_GREATER", "DEBUG", "TRACE"]);

    /// <summary>The file name without its folders.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Parses the text as C#.</summary>
    public SyntaxTree Parse() => CSharpSyntaxTree.ParseText(Text, s_options, Path);
}

/// <summary>The repository that this test assembly was built from.</summary>
internal static class Repository
{
    private static readonly string[] s_codeFolders = ["src", "tests", "perf", "samples"];

    private static readonly string[] s_skippedFolders =
        ["bin", "obj", ".git", ".vs", ".idea", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", "node_modules"];

    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The folder of this project's sources, from the root.</summary>
    public static string HouseFolder => "tests/Qi.Actors.House.Tests";

    /// <summary>The absolute path of a file of this project.</summary>
    public static string HouseFile(string name) => Path.Combine(Root, HouseFolder, name);

    /// <summary>Every C# file of the source, test, measurement and sample folders.</summary>
    public static IReadOnlyList<RepositoryFile> CodeFiles()
        => [.. s_codeFolders.SelectMany(folder => Files(folder, path => path.EndsWith(".cs", StringComparison.Ordinal)))];

    /// <summary>The files under a folder whose path satisfies the condition, in ordinal order; none if there is no such folder.</summary>
    public static IReadOnlyList<RepositoryFile> Files(string folder, Func<string, bool> condition)
    {
        string start = Path.Combine(Root, folder);
        if (!Directory.Exists(start))
            return [];

        var found = new List<RepositoryFile>();
        Collect(start, condition, found);
        found.Sort((left, right) => string.CompareOrdinal(left.Path, right.Path));
        return found;
    }

    private static void Collect(string folder, Func<string, bool> condition, List<RepositoryFile> found)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            string path = Path.GetRelativePath(Root, file).Replace('\\', '/');
            if (condition(path))
                found.Add(new RepositoryFile(path, File.ReadAllText(file)));
        }

        foreach (string child in Directory.EnumerateDirectories(folder))
        {
            if (!s_skippedFolders.Contains(Path.GetFileName(child), StringComparer.Ordinal))
                Collect(child, condition, found);
        }
    }

    private static string FindRoot(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Qi.Actors.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No folder above {start} holds Qi.Actors.sln. Run the tests from a checkout.");
    }
}
