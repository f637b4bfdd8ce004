namespace Qi.Actors.Workloads;

public sealed record Workload(string Name);
public static class Catalogue { public static IReadOnlyList<Workload> All => []; }
