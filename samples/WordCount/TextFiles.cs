using Qi.Actors;
using Qi.Actors.IO;

namespace WordCount;

/// <summary>Finds files to count, and reads them: on the system's dispatchers where the bytes are in memory, and else without holding one up.</summary>
internal static class TextFiles
{
    private const int LookedAtBytes = 4096;
    private const int ReadAtOnceBytes = 32_768;

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
    public static async Task<IReadOnlyList<string>> FindAsync(ActorSystem system, string folder, string pattern)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        var found = new List<string>();
        await foreach (var entry in FileTree.WalkAsync(system, folder, pattern, options))
        {
            bool isSkipped = entry.IsFolder || Path.GetRelativePath(folder, entry.Path).Split('/', '\\').Any(part => s_skippedFolders.Contains(part));
            if (!isSkipped && await IsTextAsync(system, entry.Path))
                found.Add(entry.Path);
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }

    /// <summary>The lines of a file, as they are asked for.</summary>
    public static async IAsyncEnumerable<string> ReadLinesAsync(ActorSystem system, string path)
    {
        await using var file = await AsyncFile.OpenAsync(system, path);
        using var reader = new StreamReader(file.AsStream(), bufferSize: ReadAtOnceBytes);
        while (await reader.ReadLineAsync() is { } line)
            yield return line;
    }

    private static async Task<bool> IsTextAsync(ActorSystem system, string path)
    {
        try
        {
            await using var file = await AsyncFile.OpenAsync(system, path);
            byte[] start = new byte[LookedAtBytes];
            int count = await file.ReadAtAsync(start, 0);
            return !start.AsSpan(0, count).Contains((byte)0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"Left out: {e.Message}");
            return false;
        }
    }
}
