// A message that owns memory or a descriptor, and that no actor will handle any more, is given back by the system: the one it was for has stopped, or its full mailbox has
// dropped it. A sender that a stopped actor refuses gives back what it has as well, so both are given back once only. What a full mailbox has refused, and a reply that came
// too late, is still its sender's.

using System.Runtime.CompilerServices;

namespace Qi.Actors.IO;

/// <summary>Hands messages over that own something, and gives back what nobody takes.</summary>
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

    /// <summary>Sends what is owned, waiting for room; what is not taken is given back. False if the handler has stopped.</summary>
    /// <remarks>
    /// A cancel ends the wait of a coroutine that awaits this, and not this task: its own token takes back what waits for room. So the message is the handler's or is given back, and
    /// never both.
    /// </remarks>
    public static async Task<bool> HandOverAsync<T>(ActorRef<T> handler, T message, CancellationToken cancellationToken)
    {
        bool isTaken = false;
        try
        {
            isTaken = await handler.SendAsync(message, cancellationToken).ConfigureAwait(false);
            return isTaken;
        }
        finally
        {
            if (!isTaken)
                (message as IDisposable)?.Dispose();
        }
    }

    private static void GiveBack(DeadLetter letter)
    {
        if (letter is { Reason: DeadLetterReason.Stopped or DeadLetterReason.Dropped, Message: Received or SocketConnection })
            ((IDisposable)letter.Message!).Dispose();
    }
}
