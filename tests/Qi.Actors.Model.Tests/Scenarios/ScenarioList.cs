using Qi.Actors.Model.Controller;

namespace Qi.Actors.Model.Scenarios;

/// <summary>All scenarios, by name.</summary>
internal static class ScenarioList
{
    public static IReadOnlyList<ScenarioEntry> All { get; } =
    [
        new("StealQueueFull", "steal", () => new StealQueueScenario("a", "b", "c"), new Bounds(3, 2)),
        new("StealQueueEmpty", "steal", () => new StealQueueScenario(), new Bounds(3, 2)),
        new("Mailbox", "mailbox", () => new MailboxScenario(), new Bounds(3, 2)),
        .. RuntimeScenarios.All,
    ];

    public static ScenarioEntry Named(string name) => All.Single(entry => entry.Name == name);
}
