// Every test project writes a Cobertura file of its own. A line is covered if it is covered in any of them, so the files
// are merged by source line before anything is counted.

using System.Globalization;
using System.Xml.Linq;

namespace Qi.Actors.Coverage;

/// <summary>Which lines of the sources can run, and which did.</summary>
internal sealed class CoverageReport(string root)
{
    private readonly SortedDictionary<string, Dictionary<int, bool>> _files = new(StringComparer.Ordinal);

    /// <summary>The number of lines that can run.</summary>
    public int Lines => _files.Values.Sum(lines => lines.Count);

    /// <summary>The number of lines that did run.</summary>
    public int Covered => _files.Values.Sum(lines => lines.Values.Count(hit => hit));

    /// <summary>The share of the lines that did run, in percent.</summary>
    public double Percent => PercentOf(Covered, Lines);

    /// <summary>Adds what one Cobertura file says about files below src.</summary>
    public void Add(XDocument cobertura)
    {
        string[] sources = [.. cobertura.Descendants("source").Select(source => source.Value)];
        foreach (XElement type in cobertura.Descendants("class"))
        {
            if (RelativePath(type.Attribute("filename")!.Value, sources) is not { } path)
                continue;

            if (!_files.TryGetValue(path, out Dictionary<int, bool>? lines))
                _files.Add(path, lines = []);

            // The class lists all its lines, those of its methods included.
            foreach (XElement line in type.Elements("lines").Elements("line"))
            {
                int number = int.Parse(line.Attribute("number")!.Value, CultureInfo.InvariantCulture);
                bool hit = line.Attribute("hits")!.Value is not "0";
                lines[number] = hit || (lines.TryGetValue(number, out bool before) && before);
            }
        }
    }

    /// <summary>The counts of each folder, in order of path.</summary>
    public IEnumerable<(string Folder, int Covered, int Lines)> Folders()
        => _files
            .GroupBy(file => Path.GetDirectoryName(file.Key)!.Replace('\\', '/'), StringComparer.Ordinal)
            .OrderBy(folder => folder.Key, StringComparer.Ordinal)
            .Select(folder => (
                folder.Key,
                folder.Sum(file => file.Value.Values.Count(hit => hit)),
                folder.Sum(file => file.Value.Count)));

    /// <summary>The share of lines in percent; nothing to cover counts as nothing covered.</summary>
    public static double PercentOf(int covered, int lines) => lines == 0 ? 0 : 100.0 * covered / lines;

    // Paths are relative to one of the sources; which one is not said, so the one where the file is.
    private string? RelativePath(string name, string[] sources)
    {
        string? full = sources
            .Select(source => Path.GetFullPath(Path.Combine(source, name)))
            .Prepend(Path.GetFullPath(name, root))
            .FirstOrDefault(File.Exists);
        string? path = full is null ? null : Path.GetRelativePath(root, full).Replace('\\', '/');
        return path?.StartsWith("src/", StringComparison.Ordinal) is true && !path.Contains("/obj/", StringComparison.Ordinal) ? path : null;
    }
}
