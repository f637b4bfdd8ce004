using Microsoft.Extensions.Logging;

namespace Qi.Actors;

/// <summary>Log messages of actors and of the system.</summary>
internal static partial class ActorLog
{
    [LoggerMessage(300, LogLevel.Error, "{Path} failed on a {MessageType} and stops.")]
    public static partial void HandlerFailed(ILogger logger, ActorPath path, string messageType, Exception exception);

    [LoggerMessage(301, LogLevel.Error, "The {Hook} hook of {Path} failed; the actor stops.")]
    public static partial void HookFailed(ILogger logger, ActorPath path, string hook, Exception exception);

    [LoggerMessage(302, LogLevel.Error, "A dataflow source failed while {Path} consumed or released its offer.")]
    public static partial void OfferFailed(ILogger logger, ActorPath path, Exception exception);

    [LoggerMessage(303, LogLevel.Warning, "System {System} stopped with {Messages} messages and {Items} run items left after {Milliseconds} ms: raise the timeout, or stop the senders first.")]
    public static partial void StoppedWithRest(ILogger logger, string system, long messages, long items, double milliseconds);

    [LoggerMessage(304, LogLevel.Debug, "System {System} started with {Dispatchers} dispatchers.")]
    public static partial void Started(ILogger logger, string system, int dispatchers);

    [LoggerMessage(305, LogLevel.Debug, "System {System} stopped after {Milliseconds} ms.")]
    public static partial void Stopped(ILogger logger, string system, double milliseconds);

    [LoggerMessage(306, LogLevel.Debug, "Spawned {Path}.")]
    public static partial void Spawned(ILogger logger, ActorPath path);

    [LoggerMessage(307, LogLevel.Debug, "{Path} has stopped.")]
    public static partial void ActorStopped(ILogger logger, ActorPath path);
}
