using System.Globalization;
using System.Text;

using Qi.Actors.Testing.World;

namespace Qi.Actors.Testing;

/// <summary>How values are shown in the messages of failed expectations.</summary>
internal static class Shown
{
    private const int MostLines = 10;
    private const int MostCharacters = 200;

    /// <summary>A message, or what else a test deals with.</summary>
    public static string Value(object? value)
    {
        string text = value switch
        {
            null => "null",
            string characters => $"\"{characters}\"",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };
        return text.Length <= MostCharacters ? text : $"{text[..MostCharacters]}... ({text.Length} characters)";
    }

    /// <summary>A type as C# writes it.</summary>
    public static string Type(Type type)
    {
        if (!type.IsGenericType)
            return type.Name;
        int tick = type.Name.IndexOf('`', StringComparison.Ordinal);
        return $"{(tick < 0 ? type.Name : type.Name[..tick])}<{string.Join(", ", type.GetGenericArguments().Select(Type))}>";
    }

    /// <summary>With an article.</summary>
    public static string AnyOf(Type type)
    {
        string name = Type(type);
        return $"{("AEIOU".Contains(name[0], StringComparison.Ordinal) ? "an" : "a")} {name}";
    }

    /// <summary>What has come instead: a title and ten lines at most, the oldest first.</summary>
    public static string List(string title, IReadOnlyCollection<string> lines)
    {
        if (lines.Count == 0)
            return "";
        var text = new StringBuilder();
        text.AppendLine().Append(title);
        foreach (string line in lines.Take(MostLines))
            text.AppendLine().Append("  ").Append(line);
        if (lines.Count > MostLines)
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"  and {lines.Count - MostLines} more");
        return text.ToString();
    }

    /// <summary>The time, and whether waiting longer could help.</summary>
    public static string Moment(TimeSpan now, WaitEnding ending = WaitEnding.TimeUp)
        => $" It is {now} of virtual time."
            + (ending == WaitEnding.Hopeless ? " Nothing is runnable and no timer is set: waiting longer would not help." : "");
}
