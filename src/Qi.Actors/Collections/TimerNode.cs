namespace Qi.Actors.Collections;

/// <summary>A timer: an intrusive node of a <see cref="TimerWheel"/>, armed in at most one wheel at a time.</summary>
/// <remarks>Every field belongs to the owner of the wheel while the node is armed.</remarks>
internal abstract class TimerNode
{
    internal const short Unarmed = -1;

    internal TimerNode? Previous;
    internal TimerNode? Next;

    /// <summary>The list of the wheel that the node is in.</summary>
    internal short List = Unarmed;

    /// <summary>The tick at which the node is due; the last one, if it is no longer armed.</summary>
    internal long DeadlineTick;

    /// <summary>Whether the node is in a wheel. It no longer is when <see cref="OnDue"/> is called.</summary>
    internal bool IsArmed => List != Unarmed;

    /// <summary>
    /// Called by the wheel's owner when the deadline has come. May add and remove nodes, this one too. Never throws.
    /// </summary>
    internal abstract void OnDue(object? context);
}
