namespace Qi.Actors.Testing.Outside;

/// <summary>Code under simulation has made its only thread wait.</summary>
internal sealed class BlockedTurnException(string call) : InvalidOperationException(
    $"{call}, would block the simulation's only thread, on which everything else runs too. Await instead of waiting, or move the wait out of the actor system.")
{
    /// <summary>What waits, and who called it: "Task.Wait, called by Shop.Load".</summary>
    public string Call { get; } = call;
}
