namespace Qi.Actors.Workloads;

/// <summary>Runs a workload of a size; returns what <see cref="Workload.Expected"/> must equal. Stock renderings leave the system alone.</summary>
public delegate long Run(ActorSystem system, int size);

/// <summary>Runs a workload that measures more than its time.</summary>
public delegate Outcome Measure(ActorSystem system, int size);

/// <summary>A workload done with one kind of part.</summary>
public sealed record Rendering(string Name, Run Run)
{
    /// <summary>True for Qi's own.</summary>
    public bool IsQi => Name.StartsWith("Qi", StringComparison.Ordinal);

    /// <summary>False for one that promises less than the others: it is shown beside them and never counts as the best.</summary>
    public bool IsComparable { get; init; } = true;

    /// <summary>The run with its measurements.</summary>
    public Measure Measure { get; init; } = (system, size) => new Outcome(Run(system, size));

    /// <summary>A rendering that measures more than its time.</summary>
    public static Rendering Measuring(string name, Measure measure) => new(name, (system, size) => measure(system, size).Result) { Measure = measure };
}

/// <summary>What is compared of a workload.</summary>
public enum Gauge
{
    /// <summary>The time of the whole by the number of operations.</summary>
    Time,

    /// <summary>How late a single operation is: the median, and the tail beside it.</summary>
    Latency,
}

/// <summary>A piece of work, in all the renderings that can do it.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Operation">What is counted.</param>
/// <param name="Size">How many operations in a round.</param>
/// <param name="Expected">The result of a round of this size, if nothing was lost.</param>
/// <param name="Renderings">Qi's first.</param>
public sealed record Workload(string Name, string Operation, int Size, Func<int, long> Expected, params Rendering[] Renderings)
{
    /// <summary>The size that is really run for a wished one, where not every size can be.</summary>
    public Func<int, int> Fit { get; init; } = static size => size;

    /// <summary>What is compared.</summary>
    public Gauge Gauge { get; init; }

    /// <summary>
    /// The least gen 0 budget that .NET contenders are given, all alike, where what a round keeps alive is larger than the default: a
    /// collection in its midst copies all of it for nothing. Zero for the default.
    /// </summary>
    public long Gen0Bytes { get; init; }

    /// <summary>The largest multiple of a number within a size, and at least that number.</summary>
    public static Func<int, int> MultipleOf(int number) => size => Math.Max(number, size - (size % number));

    /// <summary>Runs a rendering and checks its result.</summary>
    public void RunOnce(Rendering rendering, ActorSystem system, int size)
    {
        long result = rendering.Run(system, size);
        if (result != Expected(size))
            throw new InvalidOperationException($"{Name} with {rendering.Name} gave {result}; expected {Expected(size)}.");
    }
}
