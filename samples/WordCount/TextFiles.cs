namespace WordCount;

/// <summary>Finds files to count.</summary>
internal static class TextFiles
{
    private const int LookedAtBytes = 4096;

    private static readonly string[] s_skippedFolders = [".git", "bin", "obj", "node_modules"];

    /// <summary>The repository that the program was built from or is run in; null if there is none.</summary>
    public static string? FindRepository()
    {
        foreach (string start in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory })
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Qi.Actors.sln")))
                    return folder.FullName;
            }
        }

        return null;
    }

    /// <summary>The text files that match, in the folder and below it. What cannot be read is left out.</summary>
    public static IReadOnlyList<string> Find(string folder, string pattern)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        return
        [
            .. Directory.EnumerateFiles(folder, pattern, options)
                .Where(file => !Path.GetRelativePath(folder, file).Split('/', '\\').Any(part => s_skippedFolders.Contains(part)))
                .Where(IsText)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static bool IsText(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            Span<byte> start = stackalloc byte[LookedAtBytes];
            int count = stream.ReadAtLeast(start, LookedAtBytes, throwOnEndOfStream: false);
            return !start[..count].Contains((byte)0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"Left out: {e.Message}");
            return false;
        }
    }
}
