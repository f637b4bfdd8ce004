// Stand in for the classes of log messages: an error or a warning fails the execution.

using Microsoft.Extensions.Logging;

using Qi.Actors.Model.Controller;

namespace Qi.Actors.Scheduling
{
    internal static class SchedulingLog
    {
        public static void ReactorChosen(ILogger logger, Qi.Actors.Platform.ReactorKind reactor, string reason)
        {
        }

        public static void HandedOver(ILogger logger, int dispatcher, double milliseconds)
        {
        }

        public static void NoSpareThread(ILogger logger, int limit) => Logged.Fail("No spare thread is left.", null);

        public static void PinFailed(ILogger logger, int dispatcher, int core, Exception exception) => Logged.Fail("Pinning failed.", exception);

        public static void CallbackFailed(ILogger logger, Exception exception) => Logged.Fail("A posted callback threw.", exception);

        public static void ContextRefused(ILogger logger, Exception exception) => Logged.Fail("A context takes nothing.", exception);
    }
}

namespace Qi.Actors.Coroutines
{
    internal static class CoroutineLog
    {
        public static void Unobserved(ILogger logger, Exception exception)
        {
            // On the collector's thread, about some execution that is long over.
        }

        public static void CallbackFailed(ILogger logger, Exception exception) => Logged.Fail("A callback of a coroutine's token threw.", exception);

        public static void AwaiterFailed(ILogger logger, Exception exception) => Logged.Fail("An awaiter threw after its wait had ended.", exception);
    }
}

namespace Qi.Actors
{
    internal static class ActorLog
    {
        public static void HandlerFailed(ILogger logger, ActorPath path, string messageType, Exception exception)
            => Logged.Fail($"{path} failed on a {messageType}.", exception);

        public static void HookFailed(ILogger logger, ActorPath path, string hook, Exception exception) => Logged.Fail($"{hook} of {path} failed.", exception);

        public static void OfferFailed(ILogger logger, ActorPath path, Exception exception) => Logged.Fail($"An offer to {path} failed.", exception);

        public static void StoppedWithRest(ILogger logger, string system, long messages, long items, double milliseconds)
            => Logged.Fail($"{system} stopped with {messages} messages and {items} run items left.", null);

        public static void Started(ILogger logger, string system, int dispatchers)
        {
        }

        public static void Stopped(ILogger logger, string system, double milliseconds)
        {
        }

        public static void Spawned(ILogger logger, ActorPath path)
        {
        }

        public static void ActorStopped(ILogger logger, ActorPath path)
        {
        }
    }
}

namespace Qi.Actors.Model.Controller
{
    internal static class Logged
    {
        public static void Fail(string message, Exception? exception)
        {
            if (exception is not ExecutionOverException)
                Execution.Current?.Fail($"Logged: {message} {exception}");
        }
    }
}
