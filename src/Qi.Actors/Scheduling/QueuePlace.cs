namespace Qi.Actors.Scheduling;

/// <summary>Where a dispatcher puts an item that has become runnable.</summary>
internal enum QueuePlace
{
    /// <summary>Into the LIFO slot; what is there goes behind everything in its lane.</summary>
    Next,

    /// <summary>Into the LIFO slot if it is free, else behind everything in its lane: a turn has ended with work left.</summary>
    NextIfFree,

    /// <summary>Onto the fresh stack, unless the turn takes long: it was just spawned.</summary>
    Fresh,

    /// <summary>Behind everything in its lane.</summary>
    Last,

    /// <summary>The same, as the last act of the item's own turn. If nothing else waits here, the dispatcher runs it next, and wakes nobody for it.</summary>
    LastOfItsTurn,
}
