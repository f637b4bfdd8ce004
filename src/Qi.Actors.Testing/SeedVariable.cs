using System.Globalization;

namespace Qi.Actors.Testing;

/// <summary>The environment variable that makes every search run one seed.</summary>
internal static class SeedVariable
{
    public const string Name = "QI_SIMULATION_SEED";

    /// <summary>The seed it names; null if it is not set.</summary>
    /// <exception cref="FormatException">It is set to something else than a number.</exception>
    public static ulong? Read()
    {
        string? text = Environment.GetEnvironmentVariable(Name);
        if (string.IsNullOrEmpty(text))
            return null;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : throw new FormatException($"The environment variable {Name} is '{text}'. Set it to a seed, a number from 0 to 2^64 - 1, or unset it.");
    }
}
