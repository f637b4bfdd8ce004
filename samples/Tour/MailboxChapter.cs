using Qi.Actors;

namespace Tour;

internal static class MailboxChapter
{
    public static async Task RunAsync()
    {
        await using var system = new ActorSystem();
        var hasBegun = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        int handled = 0;
        async ValueTask HandleAsync(int order)
        {
            hasBegun.TrySetResult();
            await gate.Task;
            handled++;
        }

        // snippet: bounded
        var options = new ActorOptions { Mailbox = MailboxOptions.Bounded(100, MailboxFullMode.Wait), Priority = Priority.High };
        var orders = system.Spawn<int>(HandleAsync, "orders", options);
        // end snippet
        orders.Tell(0);
        await hasBegun.Task;

        // snippet: backpressure
        for (int order = 1; orders.Tell(order) == TellStatus.Accepted; order++)
        {
            // Tell never waits: when the mailbox is full, it says so.
        }

        ValueTask<bool> sent = orders.SendAsync(1_000); // SendAsync waits for room
        // end snippet
        Check.That(!sent.IsCompleted);
        Check.Equal(orders.MailboxCount, 100);

        gate.SetResult();
        Check.That(await sent);
        await orders.StopAsync();
        Check.Equal(handled, 102); // the one in hand, a hundred that waited, and the one that was sent last
    }
}
