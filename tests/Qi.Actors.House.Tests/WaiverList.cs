// A waiver is a line `key : reason` of a text file. It lets one finding pass and is itself a finding once it is not
// needed any more, so that the lists only ever hold what is true today.

namespace Qi.Actors.House.Tests;

/// <summary>The findings that are allowed to stand, each with its reason.</summary>
internal sealed class WaiverList
{
    private const string Separator = " : ";

    private readonly string _name;
    private readonly List<string> _keys = [];
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly List<string> _malformed = [];

    private WaiverList(string name, string text)
    {
        _name = name;
        int number = 0;
        foreach (string line in text.Split('\n').Select(line => line.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
                continue;

            int at = line.IndexOf(Separator, StringComparison.Ordinal);
            if (at <= 0 || at + Separator.Length >= line.Length)
                _malformed.Add($"{name}({number}): '{line}' is not of the form 'key : reason'");
            else
                _keys.Add(line[..at].Trim());
        }
    }

    /// <summary>Reads the list from a file of this project.</summary>
    public static WaiverList Load(string fileName) => new(fileName, File.ReadAllText(Repository.HouseFile(fileName)));

    /// <summary>Reads the list from a string.</summary>
    public static WaiverList Parse(string text) => new("waivers", text);

    /// <summary>Whether some waiver stands for the finding of this file and this subject; it then counts as needed.</summary>
    /// <remarks>A waiver names the file by any number of its last folders; without a subject its key is the file alone.</remarks>
    public bool Covers(string path, string? subject = null)
    {
        bool covered = false;
        foreach (string key in _keys)
        {
            int arrow = key.IndexOf(" -> ", StringComparison.Ordinal);
            string file = arrow < 0 ? key : key[..arrow];
            string? waived = arrow < 0 ? null : key[(arrow + 4)..];
            bool sameFile = path.Equals(file, StringComparison.Ordinal) || path.EndsWith("/" + file, StringComparison.Ordinal);
            if (!sameFile || !string.Equals(waived, subject, StringComparison.Ordinal))
                continue;

            _used.Add(key);
            covered = true;
        }

        return covered;
    }

    /// <summary>What is wrong with the list itself, once every finding has been asked about.</summary>
    public IEnumerable<string> Problems()
        => _malformed.Concat(_keys
            .Where(key => !_used.Contains(key))
            .Select(key => $"{_name}: the waiver '{key}' is not needed any more; delete its line"));
}
