namespace Qi.Actors.Load.Soak;

/// <summary>An episode: what it is called, what of the public API it covers, and what it does.</summary>
internal sealed record SoakEpisode(string Name, string Covers, Func<SoakContext, Task> Run);

/// <summary>All episodes. What they cover is shown by the help.</summary>
internal static class SoakCatalogue
{
    public static IReadOnlyList<SoakEpisode> All { get; } =
    [
        new("tell", "Tell to actors of every kind (class, state, delegate, async, reentrant), four priorities, references and values, order", TellEpisodes.Tell),
        new("prioritized", "prioritized mailboxes, MailboxCount", TellEpisodes.Prioritized),
        new("bounded", "bounded mailboxes in each full mode: Tell, SendAsync, its cancel, dataflow offers, channel writers, linked buffers", TellEpisodes.Bounded),
        new("stop", "StopAsync (Drain, Now), Complete, Fault, failing handlers and hooks under fire, Completion, IsStopped, StoppingToken", LifeEpisodes.StopUnderFire),
        new("names", "names, Get, TryGet, duplicates, wrong types, names that are free again", LifeEpisodes.Names),
        new("ask", "AskAsync: reply, failure, late reply, time-out, cancel, refusals (stopped, full), failing handler, ReplyTo an actor", AskEpisodes.Ask),
        new("ask-many", "asks by coroutines, tasks and actors at once", AskEpisodes.AskMany),
        new("schedule", "Schedule once and periodically, disposal, schedules to stopped actors", LifeEpisodes.Schedule),
        new("output", "actors with an output: links both ways to stock blocks, EmitAsync against a bounded output, TryReceive, channel readers", DataflowEpisodes.Output),
        new("network", "stock blocks on the system's TaskScheduler around an actor, SynchronizationContext", DataflowEpisodes.Network),
        new("coroutine", "spawn, join, trees, cancel, suspend and resume, yield, priorities, tokens, failures", CoroutineEpisodes.Lives),
        new("receive", "Tell to coroutines, selective receive, receive with a time-out, refusals of ended ones", CoroutineEpisodes.Receive),
        new("time", "DelayAsync, Interval, cancelled delays", CoroutineEpisodes.Time),
        new("combinator", "All, Any, Race, Timeout, Retry, Map, Then, From", CombinatorEpisodes.Combine),
        new("foreign", "awaits of tasks, channels, semaphores and sources in coroutines and async actors, cancelled awaits", CombinatorEpisodes.Foreign),
        new("blocking", "RunBlocking and its cancel, handlers that block their thread (hand-off), BlockOn from outside", BlockingEpisodes.Block),
        new("system", "whole systems: StopAsync (Drain, Now, no time) amid traffic, StopReport, Dispose, QiRuntime", SystemEpisodes.StopAmidTraffic),
        new("virtual", "a system on a virtual TimeProvider: delays, schedules, intervals and deadlines at their exact times", SystemEpisodes.VirtualTime),
        new("hosting", "AddQiActors: an injected actor in a host that starts and stops", SystemEpisodes.Host),
        new("stress", "all shapes of the stress command in a system of their own, with random options", SystemEpisodes.StressShapes),
    ];
}
