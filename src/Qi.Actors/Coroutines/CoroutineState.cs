namespace Qi.Actors;

/// <summary>The state of a coroutine.</summary>
public enum CoroutineState
{
    /// <summary>Created, or ready to go on: waits for its turn.</summary>
    Pending,

    /// <summary>Its turn is in progress.</summary>
    Running,

    /// <summary>Suspended: waits for a message, an event, a timer, another coroutine or I/O.</summary>
    Waiting,

    /// <summary>Ended with its result.</summary>
    Completed,

    /// <summary>Ended because it was cancelled.</summary>
    Cancelled,

    /// <summary>Ended with an exception.</summary>
    Failed,
}
