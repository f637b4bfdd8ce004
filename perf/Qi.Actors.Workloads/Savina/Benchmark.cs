namespace Qi.Actors.Workloads.Savina;

/// <summary>What the suite's workloads have in common.</summary>
internal static class Benchmark
{
    /// <summary>A workload of this suite; its operations are shared evenly by so many parties.</summary>
    public static Workload Of(
        string name, string operation, int size, Func<int, long> expected, Run qi, Run blocks, int parties = 1)
    {
        int Fit(int wished) => Share(wished, parties) * parties;
        return new Workload(
            $"savina-{name}", operation, size, of => expected(Fit(of)), new("Qi", qi), new("ActionBlock", blocks)) { Fit = Fit };
    }

    /// <summary>How many operations each of the parties does; one at least.</summary>
    public static int Share(int size, int parties) => Math.Max(1, size / parties);
}
