using Bank.Domain;
using Qi.Actors;

namespace Bank.Accounts;

internal abstract record AccountBookMessage;

internal sealed record OpenAccount(Money Deposit, ReplyTo<long> ReplyTo) : AccountBookMessage;

internal sealed record GetAccounts(ReplyTo<ActorRef<AccountMessage>[]> ReplyTo) : AccountBookMessage;

/// <summary>Opens accounts and gives them their numbers. An account is found by its name; it does not have to be asked for here.</summary>
internal sealed class AccountBook : Actor<AccountBookMessage>
{
    public const string Name = "account-book";

    private readonly List<ActorRef<AccountMessage>> _accounts = [];

    /// <summary>The name of the actor that keeps an account.</summary>
    public static string NameOf(long account) => $"account-{account}";

    protected override void Receive(AccountBookMessage message)
    {
        switch (message)
        {
            case OpenAccount open:
                long number = _accounts.Count + 1;
                _accounts.Add(System.Spawn(() => new Account(open.Deposit), NameOf(number)));
                open.ReplyTo.Tell(number);
                break;
            case GetAccounts get:
                get.ReplyTo.Tell([.. _accounts]);
                break;
        }
    }
}
