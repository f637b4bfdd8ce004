using Qi.Actors.Model.Controller;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

/// <summary>All scenarios, by name.</summary>
internal static class ScenarioList
{
    public static IReadOnlyList<ScenarioEntry> All { get; } =
    [
        .. RuntimeScenarios.All,
        new("Readiness", "readiness", () => new ReadinessScenario(arrivals: 2, Disturbance.None), new Bounds(3, 2)),
        new("ReadinessCancelled", "readiness", () => new ReadinessScenario(arrivals: 1, Disturbance.Cancel), new Bounds(3, 1)),
        new("ReadinessClosed", "readiness", () => new ReadinessScenario(arrivals: 1, Disturbance.Close), new Bounds(3, 1)),
        new("ReadinessCancelledAndClosed", "readiness", () => new ReadinessScenario(arrivals: 1, Disturbance.Cancel | Disturbance.Close), new Bounds(3, 0)),
        new("ReadinessOfAll", "readiness", () => new ReadinessScenario(arrivals: 2, Disturbance.None, takesAll: true), new Bounds(3, 2)),
        new("ReadinessOfAllClosed", "readiness", () => new ReadinessScenario(arrivals: 1, Disturbance.Close, takesAll: true), new Bounds(3, 1)),
        new("Share", "readiness", () => new ShareScenario(Disturbance.None, hasEvent: true), new Bounds(3, 1)),
        new("ShareCancelled", "readiness", () => new ShareScenario(Disturbance.Cancel, hasEvent: false), new Bounds(3, 1)),
        new("ShareClosed", "readiness", () => new ShareScenario(Disturbance.Close, hasEvent: true), new Bounds(3, 0)),
        new("Untaken", "io-source", () => new UntakenScenario(isAwaited: false), new Bounds(3, 1)),
        new("UntakenAwaited", "io-source", () => new UntakenScenario(isAwaited: true), new Bounds(2, 1)),
        new("IoSource", "io-source", () => new IoSourceScenario(Enders.None), new Bounds(3, 1)),
        new("IoSourceCancelled", "io-source", () => new IoSourceScenario(Enders.Coroutine), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
        new("IoSourceTooLate", "io-source", () => new IoSourceScenario(Enders.Deadline), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
        new("IoSourceClosed", "io-source", () => new IoSourceScenario(Enders.Close), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
        new("IoSourceCancelledTooLate", "io-source", () => new IoSourceScenario(Enders.Coroutine | Enders.Deadline), new Bounds(2, 0)),
        new("IoSourceCancelledAndClosed", "io-source", () => new IoSourceScenario(Enders.Coroutine | Enders.Close), new Bounds(2, 0)),
        new("IoSourceListened", "io-source", () => new IoSourceScenario(Enders.Deadline, isOutside: true), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
        new("IoPause", "io-pause", () => new IoSourceScenario(Enders.None, failures: 1, bytes: 2), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
        new("IoPauseCancelled", "io-pause", () => new IoSourceScenario(Enders.Coroutine, failures: 1), new Bounds(2, 1)) { PreemptionsWithDelays = 1 },
        new("IoPauseTooLate", "io-pause", () => new IoSourceScenario(Enders.Deadline, isOutside: true, failures: 1), new Bounds(2, 1)) { PreemptionsWithDelays = 1 },
        new("IoPauseClosed", "io-pause", () => new IoSourceScenario(Enders.Close, failures: 1), new Bounds(2, 1)) { PreemptionsWithDelays = 1 },
        new("BufferReturns", "buffers", () => new BufferReturnsScenario(), new Bounds(3, 2)),
        new("BufferClose", "buffers", () => new BufferCloseScenario(), new Bounds(3, 2)),
        new("BufferBudget", "buffers", () => new BufferBudgetScenario(), new Bounds(3, 0)),
        new("StealQueueFull", "steal", () => new StealQueueScenario("a", "b", "c"), new Bounds(3, 2)),
        new("StealQueueEmpty", "steal", () => new StealQueueScenario(), new Bounds(3, 2)),
        new("Mailbox", "mailbox", () => new MailboxScenario(), new Bounds(3, 2)),
        new("MailboxStart", "mailbox", () => new MailboxStartScenario(), new Bounds(3, 2)),
        new("OfferWithdrawn", "offer", () => new OfferScenario(withdraws: true), new Bounds(3, 0)) { Types = [typeof(int), typeof(object), typeof(string)] },
        new("Offer", "offer", () => new OfferScenario(withdraws: false), new Bounds(3, 0)) { Types = [typeof(int), typeof(object), typeof(string)] },
        new("Inject", "inject", () => new InjectScenario(), new Bounds(3, 1)),
        new("Control", "control", () => new ControlScenario(), new Bounds(3, 1)),
        new("ControlNeverEmpty", "control", () => new ControlNeverEmptyScenario(), new Bounds(3, 2)),
        new("SystemQueue", "system", () => new SystemQueueScenario(), new Bounds(3, 0)),
        new("Run", "run", () => new RunScenario(), new Bounds(3, 1)),
        new("Lease", "lease", () => new LeaseScenario(), new Bounds(3, 2)),
        new("Deadline", "deadline", () => new DeadlineScenario(), new Bounds(3, 2)),
        new("SleepOutside1", "sleep", () => new SleepOutsideScenario(dispatchers: 1, items: 1), new Bounds(3, 2)),
        new("SleepReactor", "sleep-reactor", () => new SleepReactorScenario(hasSender: false), new Bounds(3, 1)),
        new("SleepReactorInjected", "sleep-reactor", () => new SleepReactorScenario(hasSender: true), new Bounds(3, 0)),
        new("SleepControl", "sleep", () => new SleepControlScenario(), new Bounds(3, 2)),
        new("SleepInside", "sleep", () => new SleepInsideScenario(), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
        new("SleepOutside2", "sleep", () => new SleepOutsideScenario(dispatchers: 2, items: 1), new Bounds(3, 0)),
        new("SleepPassOn", "sleep", () => new SleepPassOnScenario(Priority.Normal), new Bounds(3, 0)),
        new("SleepPassOnLow", "sleep", () => new SleepPassOnScenario(Priority.Low), new Bounds(2, 0)), // the same as before in another lane
        new("BlockedTurnLater", "monitor", () => new BlockedTurnScenario(TimeSpan.FromSeconds(1)), new Bounds(3, 0)),
        new("BlockedTurnSoon", "monitor", () => new BlockedTurnScenario(TimeSpan.FromMilliseconds(50)), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
    ];

    public static ScenarioEntry Named(string name) => All.Single(entry => entry.Name == name);
}
