// A container's CPU limit is a quota: so much processor time in each period, over all cores. It is written in the control
// group's files and in those of every group above it; the smallest one binds. Version 2 has one tree; version 1 has a tree
// for the cpu controller.
//
// Inside a container /proc/self/cgroup often names a path that exists only outside. So the walk goes from the named group up
// to the mount point and simply skips folders that are not there.

using System.Globalization;

namespace Qi.Actors.Platform;

/// <summary>How much processor time the control group of this process allows it.</summary>
/// <remarks>
/// <b>Units</b>: cores; 1.5 means 150 ms of processor time in each 100 ms period. <b>Source</b>: "CPU" in the kernel's
/// cgroup-v2 documentation, and "CFS bandwidth control" for version 1.
/// </remarks>
public static class CgroupQuota
{
    /// <summary>Where Linux says which groups a process is in.</summary>
    public const string MembershipFile = "/proc/self/cgroup";

    /// <summary>Where the control groups are mounted by convention.</summary>
    public const string MountFolder = "/sys/fs/cgroup";

    /// <summary>Reads the quota that binds this process.</summary>
    /// <param name="membershipFile">The file that names the groups, normally <see cref="MembershipFile"/>.</param>
    /// <param name="mountFolder">The folder of the trees, normally <see cref="MountFolder"/>.</param>
    /// <returns>Cores, or null if there is no limit or nothing can be read.</returns>
    public static double? Read(string membershipFile, string mountFolder)
    {
        double? quota = null;
        foreach (string line in TryReadText(membershipFile)?.Split('\n') ?? [])
        {
            // hierarchy-ID:controller-list:path, where version 2 has ID 0 and no controllers.
            string[] parts = line.Trim().Split(':', 3);
            if (parts.Length != 3)
            {
                continue;
            }

            if (parts[1].Length == 0)
            {
                quota = Smaller(quota, ReadUpwards(mountFolder, parts[2], ReadVersion2));
                quota = Smaller(quota, ReadUpwards(Path.Combine(mountFolder, "unified"), parts[2], ReadVersion2));
            }
            else if (parts[1].Split(',').Contains("cpu", StringComparer.Ordinal))
            {
                quota = Smaller(quota, ReadUpwards(Path.Combine(mountFolder, parts[1]), parts[2], ReadVersion1));
                quota = Smaller(quota, ReadUpwards(Path.Combine(mountFolder, "cpu"), parts[2], ReadVersion1));
            }
        }

        return quota;
    }

    /// <summary>Reads the text of a version 2 <c>cpu.max</c>: <c>max 100000</c> or <c>150000 100000</c>.</summary>
    /// <returns>Cores, or null if it says that there is no limit, or is malformed.</returns>
    public static double? ParseCpuMax(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return parts.Length switch
        {
            1 => Divide(parts[0], "100000"),
            2 => Divide(parts[0], parts[1]),
            _ => null,
        };
    }

    /// <summary>Reads the texts of a version 1 <c>cpu.cfs_quota_us</c> (-1 for no limit) and <c>cpu.cfs_period_us</c>.</summary>
    /// <returns>Cores, or null if they say that there is no limit, or are malformed.</returns>
    public static double? ParseCfs(string quotaText, string periodText)
    {
        ArgumentNullException.ThrowIfNull(quotaText);
        ArgumentNullException.ThrowIfNull(periodText);
        return Divide(quotaText.Trim(), periodText.Trim());
    }

    private static double? Divide(string quotaText, string periodText)
        => long.TryParse(quotaText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long quota)
            && long.TryParse(periodText, NumberStyles.None, CultureInfo.InvariantCulture, out long period)
            && quota > 0
            && period > 0
            ? (double)quota / period
            : null;

    private static double? ReadUpwards(string mount, string path, Func<string, double?> read)
    {
        double? quota = null;
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Contains("..", StringComparer.Ordinal))
        {
            // A group outside this namespace: what binds it from below the mount point cannot be seen from here.
            names = [];
        }

        for (int depth = names.Length; depth >= 0; depth--)
        {
            quota = Smaller(quota, read(Path.Combine([mount, .. names[..depth]])));
        }

        return quota;
    }

    private static double? ReadVersion2(string folder)
        => TryReadText(Path.Combine(folder, "cpu.max")) is { } text ? ParseCpuMax(text) : null;

    private static double? ReadVersion1(string folder)
        => TryReadText(Path.Combine(folder, "cpu.cfs_quota_us")) is { } quota
            && TryReadText(Path.Combine(folder, "cpu.cfs_period_us")) is { } period
            ? ParseCfs(quota, period)
            : null;

    private static double? Smaller(double? left, double? right)
        => left is null ? right : right is null ? left : Math.Min(left.Value, right.Value);

    // A file that is missing or unreadable says nothing about a limit: that is an answer, not a failure.
    internal static string? TryReadText(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
