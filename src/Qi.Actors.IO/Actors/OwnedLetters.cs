// A message that owns memory or a descriptor, and that no actor will handle any more, is given back by the system: the one it was for has stopped, or its full mailbox has
// dropped it. A sender that a stopped actor refuses gives back what it has as well, so both are given back once only. What a full mailbox has refused, and a reply that came
// too late, is still its sender's.

using System.Runtime.CompilerServices;

namespace Qi.Actors.IO;

/// <summary>Gives back what dead letters own.</summary>
internal static class OwnedLetters
{
    private static readonly ConditionalWeakTable<ActorSystem, object> s_watched = [];
    private static readonly object s_mark = new();

    /// <summary>Watches a system's dead letters from now on; once for each system.</summary>
    public static void Watch(ActorSystem system) => s_watched.GetValue(system, static system =>
    {
        system.DeadLetters.Observed += GiveBack;
        return s_mark;
    });

    private static void GiveBack(DeadLetter letter)
    {
        if (letter is { Reason: DeadLetterReason.Stopped or DeadLetterReason.Dropped, Message: Received or SocketConnection })
            ((IDisposable)letter.Message!).Dispose();
    }
}
