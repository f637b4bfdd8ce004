using Qi.Actors.Model.Controller;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Scenarios of asks, coroutines, timers and actors' ends.</summary>
internal static class RuntimeScenarios
{
    private static readonly Type[] s_withStrings = [typeof(int), typeof(object), typeof(string)];

    public static ScenarioEntry[] All { get; } =
    [
        new("CoroutineResumes", "wait", () => new SuspendScenario(resumers: 2, isCancelled: false, workers: 1), new Bounds(3, 2)),
        new("CoroutineResumeAndCancel", "wait", () => new SuspendScenario(resumers: 1, isCancelled: true, workers: 1), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
        new("CoroutineCancel", "wait", () => new SuspendScenario(resumers: 0, isCancelled: true, workers: 2), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
        new("CoroutineJoin", "join", () => new JoinScenario(isCancelled: false), new Bounds(3, 2)),
        new("CoroutineJoinAndCancel", "join", () => new JoinScenario(isCancelled: true), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
        new("CoroutineReceiveOne", "receive", () => new ReceiveScenario(senders: 1), new Bounds(3, 2)) { Types = s_withStrings },
        new("CoroutineReceiveTwo", "receive", () => new ReceiveScenario(senders: 2), new Bounds(3, 0)) { Types = s_withStrings },
        new("CoroutineDelay", "delay", () => new DelayScenario(workers: 1, sleeps: 2), new Bounds(3, 1)),
        new("CoroutineDelayOvertaken", "delay", () => new DelayScenario(workers: 2, sleeps: 1), new Bounds(3, 0)),
        new("CoroutineStop", "cancel", () => new CancelAllScenario(), new Bounds(3, 2)),
        new("AskRivals", "ask", () => new AskReuseScenario(isFailed: false), new Bounds(3, 0)),
        new("AskTimeOut", "ask", () => new AskReuseScenario(isFailed: true), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
        new("AskCancelled", "ask-cancel", () => new AskCancelScenario(isAnswered: false), new Bounds(3, 1)),
        new("AskAnsweredAndCancelled", "ask-cancel", () => new AskCancelScenario(isAnswered: true), new Bounds(3, 1)) { PreemptionsWithDelays = 2 },
        new("AskListening", "ask-listen", () => new AskListeningScenario(), new Bounds(3, 1)),
        new("AskDeadlineAnswered", "ask-deadline", () => new AskDeadlineScenario(isFirstAnswered: true), new Bounds(3, 2)),
        new("AskDeadlineShorter", "ask-deadline", () => new AskDeadlineScenario(isFirstAnswered: true, isTimerLeft: true), new Bounds(3, 2)),
        new("AskDeadlinePassed", "ask-deadline", () => new AskDeadlineScenario(isFirstAnswered: false), new Bounds(3, 2)),
        new("StopDrainInFirstTurn", "stop", () => new StopScenario(StopMode.Drain, isIdle: false, ["a1"]), new Bounds(3, 1)) { Types = s_withStrings, PreemptionsWithDelays = 2 },
        new("StopDrain", "stop", () => new StopScenario(StopMode.Drain, isIdle: true, ["a1"], ["b1"]), new Bounds(3, 0)) { Types = s_withStrings },
        new("StopNow", "stop", () => new StopScenario(StopMode.Now, isIdle: true, ["a1"]), new Bounds(3, 1)) { Types = s_withStrings },
        new("StopWatched", "stop", () => new StopScenario(StopMode.Drain, isIdle: false), new Bounds(3, 0)) { Types = s_withStrings },
        new("StopPending", "stop-async", () => new StopPendingScenario(StopMode.Drain), new Bounds(3, 1)) { Types = s_withStrings },
        new("StopByToken", "stop-async", () => new StopPendingScenario(StopMode.Now, isByToken: true), new Bounds(3, 2)) { Types = s_withStrings },
        new("StopReentrant", "stop-async", () => new StopPendingScenario(StopMode.Drain, isReentrant: true), new Bounds(3, 0)) { Types = s_withStrings },
        new("GoOnInATurn", "stop-async", () => new GoOnScenario(), new Bounds(3, 1)) { Types = s_withStrings, PreemptionsWithDelays = 2 },
        new("StopPendingAndSend", "stop-async", () => new StopPendingScenario(StopMode.Now, isSending: true), new Bounds(2, 0)) { Types = s_withStrings },
        new("LiveTable", "live", () => new LiveTableScenario(), new Bounds(3, 2)),
        new("TimerLocal", "timer", () => new TimerScenario(isRemote: false, cancellers: 2), new Bounds(3, 2)),
        new("TimerRemote", "timer", () => new TimerScenario(isRemote: true, cancellers: 1), new Bounds(3, 2)),
        new("TimerPeriodic", "timer", () => new ScheduledTellScenario(), new Bounds(3, 2)) { Types = s_withStrings },
    ];
}
