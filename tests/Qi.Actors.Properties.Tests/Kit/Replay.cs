using System.Globalization;

using FsCheck;

using Microsoft.FSharp.Core;

namespace Qi.Actors.Properties.Tests.Kit;

/// <summary>Where the random programs of a run begin, and how to begin there again.</summary>
internal static class Replay
{
    public const string Variable = "QI_PROPERTY_REPLAY";

    /// <summary>Multiplies the number of programs: for a long look.</summary>
    public const string RunsVariable = "QI_PROPERTY_RUNS";

    public static string Text(Rnd seed, int size)
        => string.Create(CultureInfo.InvariantCulture, $"{seed.Seed},{seed.Gamma},{size}");

    /// <summary>The beginning that <see cref="Text"/> described; null for no text.</summary>
    public static FsCheck.Replay? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        string[] parts = text.Split(',');
        if (parts.Length == 3
            && ulong.TryParse(parts[0], CultureInfo.InvariantCulture, out ulong seed)
            && ulong.TryParse(parts[1], CultureInfo.InvariantCulture, out ulong gamma)
            && int.TryParse(parts[2], CultureInfo.InvariantCulture, out int size))
        {
            return new FsCheck.Replay(new Rnd(seed, gamma), FSharpOption<int>.Some(size));
        }

        throw new FormatException($"{Variable} is '{text}'. It must be what a failed property printed, such as 1,2,3.");
    }

    /// <summary>How many programs to run instead of <paramref name="runs"/>.</summary>
    public static int Runs(int runs)
        => int.TryParse(Environment.GetEnvironmentVariable(RunsVariable), CultureInfo.InvariantCulture, out int times) && times > 0
            ? checked(runs * times)
            : runs;
}
