namespace Qi.Actors;

/// <summary>What a system does with an actor whose message type it does not know.</summary>
internal interface ILiveActor
{
    ActorPath Path { get; }

    ActorSystem System { get; }

    bool IsStopped { get; }

    /// <summary>Asks it to stop; nobody waits.</summary>
    void RequestStop(StopMode mode);

    int CountWaiting();

    /// <summary>True if an asynchronous handler or hook has not ended. The driver's thread, or a guess.</summary>
    bool IsAwaiting { get; }

    /// <summary>The system has ended before the actor: whoever awaits its Completion is told.</summary>
    void Abandon();
}
