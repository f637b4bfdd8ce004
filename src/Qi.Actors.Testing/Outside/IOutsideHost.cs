namespace Qi.Actors.Testing.Outside;

/// <summary>The simulation, as <see cref="OutsideWatch"/> sees it. Every member is called on the simulation's thread, between turns.</summary>
internal interface IOutsideHost
{
    /// <summary>
    /// A timer of the framework was set or changed in the turn that has just ended: call <see cref="TakenTimer.Fire"/> in a turn of its own
    /// after that much virtual time. Called in the order in which the timers were set. A period calls it again, from that Fire.
    /// </summary>
    void Schedule(TakenTimer timer, TimeSpan due);

    /// <summary>
    /// The turn that has just ended gave work to the thread pool: call <see cref="TakenWork.Run"/> in a turn of its own, any time later. Called
    /// in the order in which the work was given.
    /// </summary>
    void Queue(TakenWork work);

    /// <summary>The turn that has just ended did something that cannot be brought under the simulation's control.</summary>
    /// <param name="call">What was called, and by whom: "Task.Run, called by Shop.LoadAsync".</param>
    /// <param name="remedy">What to do about it: whole sentences.</param>
    void Refuse(string call, string remedy);
}
