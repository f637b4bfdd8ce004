namespace Qi.Actors.IO;

/// <summary>Refuses a value of an option.</summary>
internal static class Refusal
{
    /// <summary>An exception that names the option, its value and what is allowed.</summary>
    public static ArgumentException Of(string option, object? value, string allowed)
        => new($"{option} is {value ?? "null"}. Allowed: {allowed}.", option);
}
