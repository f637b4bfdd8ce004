using Qi.Actors.Model.Controller;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Scenarios of asks, coroutines, timers and actors' ends.</summary>
internal static class RuntimeScenarios
{
    public static ScenarioEntry[] All { get; } =
    [
        new("CoroutineResumes", "wait", () => new SuspendScenario(resumers: 2, isCancelled: false, workers: 1), new Bounds(3, 2)),
        new("CoroutineResumeAndCancel", "wait", () => new SuspendScenario(resumers: 1, isCancelled: true, workers: 1), new Bounds(3, 2)),
        new("CoroutineCancel", "wait", () => new SuspendScenario(resumers: 0, isCancelled: true, workers: 2), new Bounds(3, 2)),
    ];
}
