namespace Qi.Actors.Testing.Outside;

/// <summary>The words for what arrives from a thread that the simulation does not control: mostly the outcome of real input or output.</summary>
internal static class ForeignPost
{
    /// <summary>Tells the host that a callback was posted by a foreign thread.</summary>
    public static void Tell(IOutsideHost host, Delegate callback, object? state)
        => host.Refuse(CallOf(WorkNames.OfPost(callback, state)), Remedy);

    /// <summary>"a continuation of Store.LoadAsync that came from a thread ...".</summary>
    public static string CallOf(string name)
        => $"a continuation of {name} that came from a thread which the simulation does not control";

    /// <summary>What to do about it.</summary>
    public const string Remedy =
        "What it awaited ended in real time: real input or output, a thread of its own, a wait registered with the pool. Replace that by a fake in the simulation.";
}
