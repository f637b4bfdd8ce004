using Bank.Domain;
using Qi.Actors;

namespace Bank.Accounts;

/// <summary>What an account is told and asked. Every step of a transfer names the transfer: told twice, it is done once.</summary>
internal abstract record AccountMessage;

/// <summary>Money comes from outside.</summary>
internal sealed record Deposit(Money Amount, ReplyTo<AccountReply> ReplyTo) : AccountMessage;

/// <summary>Step 1, to the payer: set the amount aside, so that no other transfer can use it.</summary>
internal sealed record Reserve(Guid Transfer, Money Amount, ReplyTo<AccountReply> ReplyTo) : AccountMessage;

/// <summary>Step 2, to the payee: take the amount.</summary>
internal sealed record Credit(Guid Transfer, Money Amount, ReplyTo<AccountReply> ReplyTo) : AccountMessage;

/// <summary>Step 3, to both: the transfer is applied. What was set aside has left; the payee need not remember the transfer.</summary>
internal sealed record Settle(Guid Transfer) : AccountMessage;

/// <summary>Instead of step 3, to the payer: the transfer was refused. What was set aside is free again.</summary>
internal sealed record Release(Guid Transfer) : AccountMessage;

internal sealed record GetStatement(ReplyTo<Statement> ReplyTo) : AccountMessage;

/// <summary>What an account did with a message, and what it has to spend now.</summary>
internal readonly record struct AccountReply(AccountAnswer Answer, Money Available);

internal enum AccountAnswer
{
    Done,
    InsufficientFunds,

    /// <summary>The balance would exceed <see cref="Money.Most"/>.</summary>
    AboveLimit,
}

/// <summary>An account's books.</summary>
/// <param name="Balance">What it holds, including what is set aside.</param>
/// <param name="Reserved">What is set aside for transfers under way.</param>
/// <param name="Deposited">What has come from outside.</param>
/// <param name="TransfersIn">Transfers it was credited for.</param>
/// <param name="TransfersOut">Transfers it has paid.</param>
internal sealed record Statement(Money Balance, Money Reserved, Money Deposited, long TransfersIn, long TransfersOut);
