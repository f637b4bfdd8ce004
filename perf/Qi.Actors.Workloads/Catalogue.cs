namespace Qi.Actors.Workloads;

/// <summary>Runs a workload of a size; returns what <see cref="Workload.Expected"/> must equal.</summary>
public delegate long Run(ActorSystem system, int size);

/// <summary>A workload done with one kind of part.</summary>
public sealed record Rendering(string Name, Run Run)
{
    /// <summary>True for Qi's own.</summary>
    public bool IsQi => Name.StartsWith("Qi", StringComparison.Ordinal);
}

/// <summary>A piece of work, in all the renderings that can do it.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Operation">What is counted.</param>
/// <param name="Size">How many operations in a round.</param>
/// <param name="Expected">The result of a round of this size, if nothing was lost.</param>
/// <param name="Renderings">Qi's first.</param>
public sealed record Workload(string Name, string Operation, int Size, Func<int, long> Expected, params Rendering[] Renderings)
{
    /// <summary>Runs a rendering and checks its result.</summary>
    public void RunOnce(Rendering rendering, ActorSystem system, int size)
    {
        long result = rendering.Run(system, size);
        if (result != Expected(size))
            throw new InvalidOperationException($"{Name} with {rendering.Name} gave {result}; expected {Expected(size)}.");
    }
}

/// <summary>All workloads.</summary>
public static class Catalogue
{
    public static IReadOnlyList<Workload> All { get; } =
    [
        SpawnJoin.Workload,
        PingPong.Workload,
        Tell.FromOutside,
        Tell.FromInside,
        FanIn.Workload,
        Ring.Workload,
        Yield.Workload,
        Skynet.Workload,
        Ask.Workload,
        Delay.Workload,
    ];
}
