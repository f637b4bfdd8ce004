using Bank.Domain;
using Qi.Actors;

namespace Bank.Accounts;

/// <summary>One account. It alone touches its balance, one message at a time, so there is nothing to lock.</summary>
internal sealed class Account(Money openingDeposit) : Actor<AccountMessage>
{
    private readonly Dictionary<Guid, Money> _reservations = [];
    private readonly HashSet<Guid> _credits = [];
    private Money _balance = openingDeposit;
    private Money _deposited = openingDeposit;
    private Money _reserved;
    private long _transfersIn;
    private long _transfersOut;

    private Money Available => _balance - _reserved;

    protected override void Receive(AccountMessage message)
    {
        switch (message)
        {
            case Reserve reserve:
                reserve.ReplyTo.Tell(Reply(Do(reserve)));
                break;
            case Credit credit:
                credit.ReplyTo.Tell(Reply(Do(credit)));
                break;
            case Settle settle:
                Do(settle);
                break;
            case Release release:
                EndReservation(release.Transfer, out _);
                break;
            case Deposit deposit:
                deposit.ReplyTo.Tell(Reply(Do(deposit)));
                break;
            case GetStatement get:
                get.ReplyTo.Tell(new Statement(_balance, _reserved, _deposited, _transfersIn, _transfersOut));
                break;
        }
    }

    private AccountAnswer Do(Reserve reserve)
    {
        if (_reservations.ContainsKey(reserve.Transfer))
            return AccountAnswer.Done;
        if (reserve.Amount > Available)
            return AccountAnswer.InsufficientFunds;
        _reservations.Add(reserve.Transfer, reserve.Amount);
        _reserved += reserve.Amount;
        return AccountAnswer.Done;
    }

    private AccountAnswer Do(Credit credit)
    {
        if (_credits.Contains(credit.Transfer))
            return AccountAnswer.Done;
        if (_balance + credit.Amount > Money.Most)
            return AccountAnswer.AboveLimit;
        _credits.Add(credit.Transfer);
        _balance += credit.Amount;
        _transfersIn++;
        return AccountAnswer.Done;
    }

    private void Do(Settle settle)
    {
        _credits.Remove(settle.Transfer);
        if (!EndReservation(settle.Transfer, out var amount))
            return;
        _balance -= amount;
        _transfersOut++;
    }

    private AccountAnswer Do(Deposit deposit)
    {
        if (_balance + deposit.Amount > Money.Most)
            return AccountAnswer.AboveLimit;
        _balance += deposit.Amount;
        _deposited += deposit.Amount;
        return AccountAnswer.Done;
    }

    private bool EndReservation(Guid transfer, out Money amount)
    {
        if (!_reservations.Remove(transfer, out amount))
            return false;
        _reserved -= amount;
        return true;
    }

    private AccountReply Reply(AccountAnswer answer) => new(answer, Available);
}
