using Microsoft.Extensions.Logging.Abstractions;

namespace Qi.Actors.Model.Scenarios;

/// <summary>Actor systems whose threads the controller has.</summary>
internal static class Systems
{
    /// <summary>A system; made while a scenario is set up, which adds a thread for each dispatcher.</summary>
    public static ActorSystem Make(int dispatchers)
    {
        var options = new QiActorsOptions { WorkerThreads = dispatchers, QueueCapacity = 4, SpinTime = TimeSpan.Zero };
        var system = new ActorSystem(options, loggerFactory: NullLoggerFactory.Instance);
        Pools.Touch(system.Pool);
        return system;
    }
}
