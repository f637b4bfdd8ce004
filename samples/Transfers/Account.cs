using Qi.Actors;

namespace Transfers;

internal abstract record AccountMessage;

/// <summary>Takes money out, if there is enough. The reply says whether it did.</summary>
internal sealed record Withdraw(Guid Transfer, int Amount, ReplyTo<bool> Reply) : AccountMessage;

/// <summary>Puts money in.</summary>
internal sealed record Deposit(int Amount) : AccountMessage;

/// <summary>Undoes the withdrawal of a transfer, if there was one.</summary>
internal sealed record Undo(Guid Transfer) : AccountMessage;

internal sealed record GetBalance(ReplyTo<int> Reply) : AccountMessage;

/// <summary>An account: its money, and what was withdrawn by which transfer.</summary>
internal sealed class Account(int balance) : Actor<AccountMessage>
{
    private readonly Dictionary<Guid, int> _withdrawals = [];
    private int _balance = balance;

    protected override void Receive(AccountMessage message)
    {
        switch (message)
        {
            case Withdraw withdraw:
                bool isEnough = _balance >= withdraw.Amount;
                if (isEnough)
                {
                    _balance -= withdraw.Amount;
                    _withdrawals.Add(withdraw.Transfer, withdraw.Amount);
                }

                withdraw.Reply.Tell(isEnough);
                break;
            case Deposit deposit:
                _balance += deposit.Amount;
                break;
            case Undo undo when _withdrawals.Remove(undo.Transfer, out int amount):
                _balance += amount;
                break;
            case GetBalance get:
                get.Reply.Tell(_balance);
                break;
        }
    }
}
