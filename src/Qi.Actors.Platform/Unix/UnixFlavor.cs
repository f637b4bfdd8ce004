namespace Qi.Actors.Platform.Unix;

/// <summary>The systems of the Unix family, by the numbers that they give to things.</summary>
internal enum UnixFlavor
{
    /// <summary>Linux.</summary>
    Linux,

    /// <summary>macOS and its kin.</summary>
    MacOs,

    /// <summary>FreeBSD, and what is like it.</summary>
    FreeBsd,
}

/// <summary>Which of them this is.</summary>
internal static class UnixFlavors
{
    /// <summary>This system's.</summary>
    public static UnixFlavor Here { get; } = Find();

    private static UnixFlavor Find()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsAndroid())
            return UnixFlavor.Linux;
        return OperatingSystem.IsMacOS() || OperatingSystem.IsIOS() || OperatingSystem.IsTvOS() ? UnixFlavor.MacOs : UnixFlavor.FreeBsd;
    }
}
