using Qi.Actors.Model.Controller;

namespace Qi.Actors.Model.Scenarios;

/// <summary>All scenarios, by name.</summary>
internal static class ScenarioList
{
    public static IReadOnlyList<ScenarioEntry> All { get; } =
    [
        .. RuntimeScenarios.All,
        new("StealQueueFull", "steal", () => new StealQueueScenario("a", "b", "c"), new Bounds(3, 2)),
        new("StealQueueEmpty", "steal", () => new StealQueueScenario(), new Bounds(3, 2)),
        new("Mailbox", "mailbox", () => new MailboxScenario(), new Bounds(3, 2)),
        new("SleepOutside1", "sleep", () => new SleepOutsideScenario(dispatchers: 1, items: 1), new Bounds(3, 2)),
        new("SleepOutside2", "sleep", () => new SleepOutsideScenario(dispatchers: 2, items: 1), new Bounds(2, 0)),
        new("SleepInsideHigh", "sleep", () => new SleepInsideScenario(Priority.High, items: 1), new Bounds(2, 0)),
    ];

    public static ScenarioEntry Named(string name) => All.Single(entry => entry.Name == name);
}
