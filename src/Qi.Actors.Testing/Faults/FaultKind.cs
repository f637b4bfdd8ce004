namespace Qi.Actors.Testing;

/// <summary>What a fault does.</summary>
public enum FaultKind
{
    /// <summary>A handler throws a <see cref="SimulatedFaultException"/> instead of handling its message.</summary>
    Throw,

    /// <summary>An actor is faulted before its turn: it stops at once, with a <see cref="SimulatedFaultException"/>.</summary>
    Kill,

    /// <summary>An actor gets no turn for a while: its messages wait.</summary>
    Delay,

    /// <summary>The clock passes the next timer by an amount before it fires.</summary>
    LateTimer,

    /// <summary>The clock jumps forward although work is waiting.</summary>
    ClockJump,
}
