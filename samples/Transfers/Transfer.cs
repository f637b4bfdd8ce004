using Qi.Actors;

namespace Transfers;

/// <summary>Moves money from one account to another.</summary>
internal static class Transfer
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>With a mistake: an account that has not answered in time is taken for one that has not paid.</summary>
    // snippet: hasty-transfer
    public static async Task<bool> RunHastilyAsync(Guid id, ActorRef<AccountMessage> from, ActorRef<AccountMessage> to, int amount)
    {
        try
        {
            if (!await from.AskAsync<bool>(reply => new Withdraw(id, amount, reply), s_patience))
                return false;
        }
        catch (AskTimeoutException)
        {
            return false; // It may still be about to pay: then the money is gone.
        }

        to.Tell(new Deposit(amount));
        return true;
    }
    // end snippet

    /// <summary>Without it: what is not certain is undone. The undo comes behind the withdrawal, for one sender's messages keep their order.</summary>
    // snippet: careful-transfer
    public static async Task<bool> RunAsync(Guid id, ActorRef<AccountMessage> from, ActorRef<AccountMessage> to, int amount)
    {
        try
        {
            if (!await from.AskAsync<bool>(reply => new Withdraw(id, amount, reply), s_patience))
                return false;
        }
        catch (AskTimeoutException)
        {
            from.Tell(new Undo(id));
            return false;
        }

        to.Tell(new Deposit(amount));
        return true;
    }
    // end snippet
}
