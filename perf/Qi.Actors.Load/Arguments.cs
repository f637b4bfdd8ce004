using System.Globalization;

namespace Qi.Actors.Load;

/// <summary>What the program ends with.</summary>
internal static class ExitCodes
{
    public const int Passed = 0;
    public const int Failed = 1;
    public const int Usage = 2;
}

/// <summary>The command line is wrong; the message says how.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The command line: a command, options of the form <c>--name value</c>, and a few switches without a value.</summary>
internal sealed class Arguments
{
    private static readonly HashSet<string> s_switches = new(StringComparer.Ordinal) { "quick" };

    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);

    private Arguments(string command) => Command = command;

    public string Command { get; }

    public static Arguments Parse(string[] args)
    {
        if (args.Length == 0)
            return new Arguments("help");
        var arguments = new Arguments(args[0]);
        for (int i = 1; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
                throw new UsageException($"'{args[i]}' is not understood. Options have the form --name value; call without arguments for help.");
            string name = args[i][2..];
            if (s_switches.Contains(name))
                arguments._options[name] = "";
            else if (i + 1 < args.Length)
                arguments._options[name] = args[++i];
            else
                throw new UsageException($"--{name} has no value. Options have the form --name value; call without arguments for help.");
        }

        return arguments;
    }

    /// <summary>The command line of another command: options of its own, and those of this one that it is to have too.</summary>
    public Arguments As(string command, string[] own, string[] passedOn)
        => Parse([command, .. own, .. passedOn.Where(Has).SelectMany(name => (string[])(s_switches.Contains(name) ? [$"--{name}"] : [$"--{name}", _options[name]]))]);

    /// <summary>Refuses options that the command does not have.</summary>
    public void Allow(params string[] names)
    {
        foreach (string name in _options.Keys.Except(names, StringComparer.Ordinal))
            throw new UsageException($"{Command} has no option --{name}. It has: {string.Join(", ", names.Select(known => "--" + known))}.");
    }

    public long Number(string name, long otherwise, long least = 1)
    {
        if (!_options.TryGetValue(name, out string? text))
            return otherwise;
        if (!long.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Integer, CultureInfo.InvariantCulture, out long number) || number < least)
            throw new UsageException($"--{name} is '{text}'. It must be a whole number from {least} up.");
        return number;
    }

    public double Factor(string name, double otherwise)
    {
        if (!_options.TryGetValue(name, out string? text))
            return otherwise;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double factor) || factor <= 0)
            throw new UsageException($"--{name} is '{text}'. It must be a number above zero, such as 0.1.");
        return factor;
    }

    /// <summary>Whether a switch was given.</summary>
    public bool Has(string name) => _options.ContainsKey(name);

    /// <summary>The text of an option; null if it was not given.</summary>
    public string? Text(string name) => _options.GetValueOrDefault(name);

    /// <summary>The comma-separated words of an option; empty if it was not given.</summary>
    public string[] Words(string name)
        => _options.TryGetValue(name, out string? text) ? text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [];
}
