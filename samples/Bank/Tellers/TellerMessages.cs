using Bank.Accounts;
using Bank.Domain;
using Qi.Actors;

namespace Bank.Tellers;

internal abstract record TellerMessage;

/// <summary>Move money from one account to another. Sent again with the same id, it is not done again: the answer is the first one.</summary>
internal sealed record Transfer(TransferOrder Order, ReplyTo<TransferResult> ReplyTo) : TellerMessage;

/// <summary>Begin no transfer until the task has ended.</summary>
internal sealed record Pause(Task Until, ReplyTo<bool> IsPaused) : TellerMessage;

internal readonly record struct TransferOrder(Guid Id, ActorRef<AccountMessage> From, ActorRef<AccountMessage> To, Money Amount);

/// <param name="Outcome">How the transfer ended.</param>
/// <param name="Available">What the payer had to spend when it was refused for insufficient funds.</param>
internal readonly record struct TransferResult(TransferOutcome Outcome, Money Available = default);

internal enum TransferOutcome
{
    Applied,

    /// <summary>Refused: the payer has too little.</summary>
    InsufficientFunds,

    /// <summary>Refused: the payee's balance would exceed <see cref="Money.Most"/>.</summary>
    AboveLimit,

    /// <summary>Refused: an account does not answer, or is closed.</summary>
    AccountUnavailable,

    /// <summary>Refused: another transfer has this id.</summary>
    IdTaken,

    /// <summary>The payee has not answered, so nobody knows yet. Sending the transfer again, with its id, finishes it.</summary>
    InDoubt,
}
