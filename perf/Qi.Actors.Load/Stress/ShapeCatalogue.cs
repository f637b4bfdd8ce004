namespace Qi.Actors.Load.Stress;

/// <summary>The shapes by name, each with its share of an episode's messages.</summary>
internal static class ShapeCatalogue
{
    private static readonly Entry[] s_entries =
    [
        new("pairs", 40, (setting, isClass) => isClass ? new PairsShape<ClassMessage>(setting, NodeKind.Actor) : new PairsShape<StructMessage>(setting, NodeKind.Actor)),
        new("ring", 40, (setting, isClass) => isClass ? new RingShape<ClassMessage>(setting) : new RingShape<StructMessage>(setting)),
        new("graph", 40, (setting, isClass) => isClass ? new RandomGraphShape<ClassMessage>(setting) : new RandomGraphShape<StructMessage>(setting)),
        Fan("fanin", 40, new FanSetting(Receivers: 1)),
        Fan("fanout", 40, new FanSetting(Producers: 1)),
        Fan("mesh", 40, new FanSetting()),
        Fan("threads", 4, new FanSetting(Origin.Thread, Producers: 3)),
        Fan("tasks", 5, new FanSetting(Origin.Task)),
        Fan("coroutines", 5, new FanSetting(Kind: NodeKind.Coroutine)),
        Fan("coroutines-tasks", 5, new FanSetting(Origin.Task, Kind: NodeKind.Coroutine)),
        Fan("prioritized", 5, new FanSetting(IsPrioritized: true)),
        new("async", 1, (setting, isClass) => isClass ? new PairsShape<ClassMessage>(setting, NodeKind.AsyncActor) : new PairsShape<StructMessage>(setting, NodeKind.AsyncActor)),
        new("bounded", 2, (setting, isClass) => isClass ? new BoundedWaitShape<ClassMessage>(setting) : new BoundedWaitShape<StructMessage>(setting)),
        new("refusing", 1, (setting, isClass) => isClass ? new RefusingShape<ClassMessage>(setting) : new RefusingShape<StructMessage>(setting)),
        new("linked", 1, (setting, isClass) => isClass ? new LinkedShape<ClassMessage>(setting) : new LinkedShape<StructMessage>(setting)),
        new("writer", 1, (setting, isClass) => isClass ? new WriterShape<ClassMessage>(setting) : new WriterShape<StructMessage>(setting)),
        new("mortal", 2, (setting, isClass) => isClass ? new MortalShape<ClassMessage>(setting) : new MortalShape<StructMessage>(setting)),
        new("ask", 2, (setting, _) => new AskShape(setting)),
        new("resume", 5, (setting, _) => new ResumeShape(setting)),
        new("spawn", 2, (setting, _) => new SpawnShape(setting)),
    ];

    public static IEnumerable<string> Names => s_entries.Select(entry => entry.Name);

    /// <summary>All shapes of these names (none: all there are), which share the messages by their weights.</summary>
    public static Shape[] Create(string[] names, long messages, Random random)
    {
        foreach (string name in names.Except(Names, StringComparer.Ordinal))
            throw new UsageException($"There is no shape '{name}'. There are: {string.Join(", ", Names)}.");
        var entries = s_entries.Where(entry => names.Length == 0 || names.Contains(entry.Name, StringComparer.Ordinal)).ToArray();
        int weights = entries.Sum(entry => entry.Weight);
        return
        [
            .. entries.Select((entry, index) =>
            {
                long quota = Math.Max(1, messages * entry.Weight / weights);
                return entry.Create(new ShapeSetting(entry.Name, index, quota, random.Next()), random.Next(2) == 0);
            }),
        ];
    }

    private static Entry Fan(string name, int weight, FanSetting fan)
        => new(name, weight, (setting, isClass) => isClass ? new FanShape<ClassMessage>(setting, fan) : new FanShape<StructMessage>(setting, fan));

    private sealed record Entry(string Name, int Weight, Func<ShapeSetting, bool, Shape> Create);
}
