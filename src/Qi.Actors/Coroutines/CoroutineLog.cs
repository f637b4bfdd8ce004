using Microsoft.Extensions.Logging;

namespace Qi.Actors.Coroutines;

/// <summary>Log messages of the coroutines.</summary>
internal static partial class CoroutineLog
{
    [LoggerMessage(200, LogLevel.Warning, "A coroutine failed, and nobody has joined it or looked at its exception.")]
    public static partial void Unobserved(ILogger logger, Exception exception);

    [LoggerMessage(201, LogLevel.Error, "A callback registered with a coroutine's CancellationToken threw when the coroutine was cancelled.")]
    public static partial void CallbackFailed(ILogger logger, Exception exception);

    [LoggerMessage(202, LogLevel.Error, "An awaiter's OnCompleted threw after the wait for it had ended; the coroutine goes on.")]
    public static partial void AwaiterFailed(ILogger logger, Exception exception);
}
