using System.Globalization;

namespace Qi.Actors.Platform;

/// <summary>Cores that are equally near to one part of the memory.</summary>
/// <param name="Id">The operating system's number of the node.</param>
/// <param name="Cores">The cores of the node that this process may use, ascending.</param>
public sealed record NumaNode(int Id, IReadOnlyList<int> Cores);

/// <summary>The processors that this process may use, and how many threads it is worth running on them.</summary>
/// <remarks>
/// <b>Threads</b>: immutable. <b>Source</b>: on Linux the affinity of the process, <c>/sys/devices/system/node</c> and the
/// control groups' CPU quota; elsewhere what the framework reports, as one node.
/// </remarks>
public sealed class Topology
{
    /// <summary>Where Linux lists the memory nodes.</summary>
    public const string NodeFolder = "/sys/devices/system/node";

    private static readonly Lazy<Topology> s_current = new(Detect);

    /// <summary>Describes a machine.</summary>
    /// <param name="logicalCores">The cores that may be used; sorted and made distinct here. At least one.</param>
    /// <param name="nodes">The memory nodes; cores of them that may not be used are left out, and used cores that no node
    /// names form a node of their own.</param>
    /// <param name="cpuQuota">The limit of processor time in cores, or null.</param>
    /// <exception cref="ArgumentException">There is no core.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="cpuQuota"/> is not positive.</exception>
    public Topology(IEnumerable<int> logicalCores, IEnumerable<NumaNode> nodes, double? cpuQuota)
    {
        int[] cores = [.. logicalCores.Distinct().Order()];
        if (cores.Length == 0)
        {
            throw new ArgumentException("A topology has no core. Name at least one.", nameof(logicalCores));
        }

        if (cpuQuota is { } quota)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(quota, nameof(cpuQuota));
        }

        LogicalCores = cores;
        CpuQuota = cpuQuota;
        Nodes = Restrict(nodes, cores);
        RecommendedWorkers = cpuQuota is null ? cores.Length : (int)Math.Clamp(Math.Ceiling(cpuQuota.Value), 1, cores.Length);
    }

    /// <summary>This machine as this process saw it when the property was first read.</summary>
    public static Topology Current => s_current.Value;

    /// <summary>The cores that this process may run on, ascending, by the operating system's numbers. At least one.</summary>
    public IReadOnlyList<int> LogicalCores { get; }

    /// <summary>The memory nodes that have a core which may be used, ascending. At least one.</summary>
    public IReadOnlyList<NumaNode> Nodes { get; }

    /// <summary>The limit of processor time. <b>Units</b>: cores. Null when there is none.</summary>
    public double? CpuQuota { get; }

    /// <summary>
    /// The number of busy threads that can make progress at once: cores, or the quota rounded up if that is less.
    /// </summary>
    public int RecommendedWorkers { get; }

    /// <summary>The memory node of a core; the first node's for a core that this process may not use.</summary>
    public int NodeOf(int core)
    {
        foreach (NumaNode node in Nodes)
        {
            if (node.Cores.Contains(core))
            {
                return node.Id;
            }
        }

        return Nodes[0].Id;
    }

    /// <summary>
    /// Reads the memory nodes from a folder laid out as <see cref="NodeFolder"/>: <c>node0/cpulist</c> and so on.
    /// </summary>
    /// <returns>
    /// The nodes in ascending order; none if the folder is not there. A malformed list counts as an empty node.
    /// </returns>
    public static IReadOnlyList<NumaNode> ReadNodes(string folder)
    {
        List<NumaNode> nodes = [];
        if (!Directory.Exists(folder))
        {
            return nodes;
        }

        foreach (string path in Directory.EnumerateDirectories(folder, "node*"))
        {
            ReadOnlySpan<char> number = Path.GetFileName(path.AsSpan())["node".Length..];
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && CgroupQuota.TryReadText(Path.Combine(path, "cpulist")) is { } text)
            {
                nodes.Add(new NumaNode(id, ParseOrEmpty(text)));
            }
        }

        nodes.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        return nodes;
    }

    private static int[] ParseOrEmpty(string text)
    {
        try
        {
            return CpuList.Parse(text);
        }
        catch (FormatException)
        {
            // The kernel's format changed: the cores are still usable, only their placement is unknown.
            return [];
        }
    }

    private static Topology Detect()
    {
        IReadOnlyList<int> cores = Affinity.ProcessCores();
        return OperatingSystem.IsLinux()
            ? new Topology(cores, ReadNodes(NodeFolder), CgroupQuota.Read(CgroupQuota.MembershipFile, CgroupQuota.MountFolder))
            : new Topology(cores, [], null);
    }

    private static List<NumaNode> Restrict(IEnumerable<NumaNode> nodes, int[] allowed)
    {
        HashSet<int> rest = [.. allowed];
        List<NumaNode> kept = [];
        foreach (NumaNode node in nodes.OrderBy(static node => node.Id))
        {
            int[] cores = [.. node.Cores.Where(rest.Remove).Order()];
            if (cores.Length > 0)
            {
                kept.Add(new NumaNode(node.Id, cores));
            }
        }

        if (rest.Count > 0)
        {
            kept.Add(new NumaNode(kept.Count == 0 ? 0 : kept[^1].Id + 1, [.. rest.Order()]));
        }

        return kept;
    }
}
