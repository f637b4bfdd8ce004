namespace Qi.Actors.Testing;

/// <summary>What options refuse: by the option's name and not that of its setter's parameter.</summary>
internal static class Option
{
    /// <summary>The value, unless it is null.</summary>
    /// <exception cref="ArgumentNullException">It is.</exception>
    public static T Require<T>(T? value, string name, string remedy)
        where T : class
        => value ?? throw new ArgumentNullException(name, remedy);

    /// <summary>The value, unless it is below a least one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is.</exception>
    public static long RequireAtLeast(long value, long least, string name)
        => value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"Allowed: {least} and more.");
}
