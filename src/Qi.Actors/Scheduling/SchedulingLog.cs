using Microsoft.Extensions.Logging;

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>Log messages of the dispatchers.</summary>
internal static partial class SchedulingLog
{
    [LoggerMessage(100, LogLevel.Debug, "A turn on dispatcher {Dispatcher} has run for more than {Milliseconds:0.#} ms: its queues go to a spare thread. Use RunBlocking for work that blocks.")]
    public static partial void HandedOver(ILogger logger, int dispatcher, double milliseconds);

    [LoggerMessage(101, LogLevel.Warning, "All {Limit} spare threads are stuck in blocking turns: other actors now wait for them. Use RunBlocking for work that blocks.")]
    public static partial void NoSpareThread(ILogger logger, int limit);

    [LoggerMessage(102, LogLevel.Warning, "Dispatcher {Dispatcher} could not be pinned to core {Core}: it runs unpinned. Check QiActors:CpuAffinity.")]
    public static partial void PinFailed(ILogger logger, int dispatcher, int core, Exception exception);

    [LoggerMessage(104, LogLevel.Information, "Input and output by {Reactor}: {Reason}")]
    public static partial void ReactorChosen(ILogger logger, ReactorKind reactor, string reason);

    [LoggerMessage(105, LogLevel.Warning, "The context in which a read or write was awaited does not take what follows: it goes on on a dispatcher.")]
    public static partial void ContextRefused(ILogger logger, Exception exception);

    [LoggerMessage(103, LogLevel.Error, "A callback posted to the dispatchers threw.")]
    public static partial void CallbackFailed(ILogger logger, Exception exception);
}
