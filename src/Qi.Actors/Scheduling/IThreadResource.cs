namespace Qi.Actors.Scheduling;

/// <summary>What a layer above keeps for a dispatcher's thread, such as buffers: looked after between turns, and let go with the thread.</summary>
/// <remarks>It belongs to the thread and not to the dispatcher: a thread that lost its dispatcher in a blocked turn may still be using it.</remarks>
internal interface IThreadResource
{
    /// <summary>Lets go of what has not been used for long. The thread itself, between turns, some ten times a second at most.</summary>
    /// <returns>After how many nanoseconds there may be more to let go of, though nothing has run meanwhile; -1 if nothing is held.</returns>
    long Trim(long nowNs);

    /// <summary>Lets go of everything: the thread ends. The thread itself.</summary>
    void Close();
}
