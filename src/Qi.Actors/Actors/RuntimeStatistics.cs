namespace Qi.Actors;

/// <summary>What a system has done and is doing. A snapshot, summed from the dispatchers' own counters.</summary>
public sealed record RuntimeStatistics
{
    /// <summary>Coroutines that were spawned and have not ended.</summary>
    public required long ActiveTasks { get; init; }

    /// <summary>Run items, coroutines and actors, that wait for a turn, about.</summary>
    public required long QueuedTasks { get; init; }

    /// <summary>Coroutines that have ended, in whatever way.</summary>
    public required long CompletedTasks { get; init; }

    /// <summary>Dispatchers.</summary>
    public required int WorkerThreads { get; init; }

    /// <summary>Threads in all: those of dispatchers, spare ones and those stuck in blocked turns.</summary>
    public required int Threads { get; init; }

    /// <summary>Actors that live.</summary>
    public required long Actors { get; init; }

    /// <summary>Messages that actors have handled.</summary>
    public required long MessagesHandled { get; init; }

    /// <summary>Turns that were run.</summary>
    public required long Turns { get; init; }

    /// <summary>Successful steals.</summary>
    public required long Steals { get; init; }

    /// <summary>Tries to steal from a dispatcher that had work.</summary>
    public required long StealAttempts { get; init; }

    /// <summary>Run items that moved by steals.</summary>
    public required long StolenItems { get; init; }

    /// <summary>How often a dispatcher went to sleep.</summary>
    public required long Parks { get; init; }

    /// <summary>How often a full run queue was emptied into the shared one.</summary>
    public required long Overflows { get; init; }

    /// <summary>Timers that fired.</summary>
    public required long TimersFired { get; init; }

    /// <summary>
    /// Timers that wait, about: delays, receives with a time-out, scheduled messages, deadlines of asks. That of an ask stays until its
    /// time although the reply has come, for the next ask to use it.
    /// </summary>
    public required long TimersWaiting { get; init; }

    /// <summary>How often a dispatcher was taken from a blocked thread.</summary>
    public required long HandOffs { get; init; }

    /// <summary>Messages that nobody handled.</summary>
    public required long DeadLetters { get; init; }
}

/// <summary>How a stop went.</summary>
/// <param name="IsComplete">True if every actor and coroutine has ended.</param>
/// <param name="MessagesLeft">Messages that were in mailboxes when the time was up.</param>
/// <param name="ActorsLeft">Actors that had not stopped.</param>
/// <param name="CoroutinesLeft">Coroutines that had not ended.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record StopReport(bool IsComplete, long MessagesLeft, long ActorsLeft, long CoroutinesLeft, TimeSpan Elapsed);
