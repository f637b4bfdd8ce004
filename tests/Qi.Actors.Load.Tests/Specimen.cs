using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Measuring;
using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Tests;

/// <summary>Comparisons made by hand.</summary>
internal static class Specimen
{
    public const int Size = 10;

    public static Workload Workload { get; } = new("specimen", "leaf", Size, size => size);

    /// <summary>Rounds of so many nanoseconds an operation. A star at the end of the name says that it is not comparable.</summary>
    public static Series Series(string name, params long[] ns)
        => Series(Workload, name, [.. ns.Select(each => new Reply { Ns = each * Size, Result = Size, CpuNs = each * Size * 2 })]);

    public static Series Series(Workload workload, string name, params Reply[] rounds)
    {
        var contender = new Contender(name.TrimEnd('*'), ["nobody"], static _ => true)
        {
            IsQi = name.StartsWith("Qi", StringComparison.Ordinal),
            IsComparable = _ => !name.EndsWith('*'),
        };
        return new Series(contender, workload, Size, rounds);
    }

    public static Comparison Compare(params Series[] series) => new(Workload, Size, series, []);

    public static CompareOptions Options(params string[] args) => CompareOptions.From(Arguments.Parse(["compare", .. args]));
}
