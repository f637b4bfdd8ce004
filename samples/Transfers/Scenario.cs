// The test itself. It knows nothing of simulation: it takes a system and random numbers, and throws if money was made or lost.

using Qi.Actors;

namespace Transfers;

internal delegate Task<bool> TransferMethod(Guid id, ActorRef<AccountMessage> from, ActorRef<AccountMessage> to, int amount);

/// <summary>Many transfers at once between a few accounts.</summary>
internal static class Scenario
{
    private const int Accounts = 4;
    private const int Transfers = 20;
    private const int Money = 100;

    // snippet: scenario
    public static async Task RunAsync(ActorSystem system, Random random, TransferMethod transfer)
    {
        var accounts = new ActorRef<AccountMessage>[Accounts];
        for (int i = 0; i < Accounts; i++)
            accounts[i] = system.Spawn<AccountMessage>(() => new Account(Money), $"account-{i}");
        var transfers = new Task<bool>[Transfers];
        for (int i = 0; i < Transfers; i++)
        {
            int from = random.Next(Accounts);
            int to = (from + 1 + random.Next(Accounts - 1)) % Accounts;
            var id = new Guid(i, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);
            transfers[i] = transfer(id, accounts[from], accounts[to], random.Next(1, Money));
        }

        await Task.WhenAll(transfers);
        int sum = 0;
        foreach (var account in accounts)
            sum += await account.AskAsync<int>(reply => new GetBalance(reply), TimeSpan.FromMinutes(1));
        if (sum != Accounts * Money)
            throw new MoneyException($"The accounts hold {sum} in all. They began with {Accounts * Money}.");
    }
    // end snippet
}

/// <summary>Money was made or lost.</summary>
internal sealed class MoneyException(string message) : Exception(message);
