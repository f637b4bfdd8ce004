using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Contenders;

/// <summary>Qi's and the stock renderings: this same program, started again to serve one of them.</summary>
internal static class DotNetContenders
{
    /// <summary>The renderings of all workloads, Qi's first.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Catalogue.All
            .SelectMany(workload => workload.Renderings)
            .DistinctBy(rendering => rendering.Name, StringComparer.Ordinal)
            .OrderByDescending(rendering => rendering.IsQi)
            .ThenBy(rendering => rendering.Name, StringComparer.Ordinal)
            .Select(rendering => rendering.Name),
    ];

    public static IReadOnlyList<Contender> All { get; } = [.. Names.Select(Make)];

    private static Contender Make(string name) => new(name, [.. ThisProgram(), "serve", name], workload => Find(workload, name) is not null)
    {
        IsDotNet = true,
        IsQi = name.StartsWith("Qi", StringComparison.Ordinal),
        IsComparable = workload => Find(workload, name) is { IsComparable: true },
    };

    private static Rendering? Find(Workload workload, string name)
        => workload.Renderings.FirstOrDefault(rendering => string.Equals(rendering.Name, name, StringComparison.Ordinal));

    // Started as an executable, or by "dotnet exec": the runtime settings lie beside the assembly, so they are the same.
    internal static string[] ThisProgram()
    {
        string assembly = typeof(DotNetContenders).Assembly.Location;
        string process = Environment.ProcessPath!;
        return string.Equals(Path.GetFileNameWithoutExtension(process), Path.GetFileNameWithoutExtension(assembly), StringComparison.OrdinalIgnoreCase)
            ? [process]
            : ["dotnet", "exec", assembly];
    }
}
