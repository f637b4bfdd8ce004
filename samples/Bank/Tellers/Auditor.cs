using Bank.Accounts;
using Qi.Actors;

namespace Bank.Tellers;

internal sealed record GetTotals(ReplyTo<BankTotals> ReplyTo);

/// <param name="Accounts">Accounts that are open.</param>
/// <param name="Balance">What they hold together.</param>
/// <param name="Deposited">What has come from outside. The bank is sound if this is the balance.</param>
/// <param name="Reserved">What is set aside for transfers in doubt.</param>
/// <param name="TransfersIn">Transfers that payees were credited for.</param>
/// <param name="TransfersOut">Transfers that payers have paid. The bank is sound if these are as many.</param>
internal sealed record BankTotals(int Accounts, decimal Balance, decimal Deposited, decimal Reserved, long TransfersIn, long TransfersOut);

/// <summary>Adds the accounts up. All tellers pause meanwhile, so the sum is exact although transfers keep coming in.</summary>
internal sealed class Auditor(TellerDesk desk) : AsyncActor<GetTotals>
{
    public const string Name = "auditor";

    protected override async ValueTask ReceiveAsync(GetTotals message)
    {
        var isOver = new TaskCompletionSource();
        try
        {
            foreach (var teller in desk.All)
                await teller.AskAsync<bool>(reply => new Pause(isOver.Task, reply));
            message.ReplyTo.Tell(await AddUpAsync());
        }
        catch (Exception e) when (e is AskTimeoutException or AskRefusedException)
        {
            message.ReplyTo.Fail(e);
        }
        finally
        {
            isOver.SetResult();
        }
    }

    private async ValueTask<BankTotals> AddUpAsync()
    {
        var accounts = await System.Get<AccountBookMessage>(AccountBook.Name)
            .AskAsync<ActorRef<AccountMessage>[]>(reply => new GetAccounts(reply));
        var totals = new BankTotals(accounts.Length, 0, 0, 0, 0, 0);
        foreach (var account in accounts)
        {
            var statement = await account.AskAsync<Statement>(reply => new GetStatement(reply));
            totals = totals with
            {
                Balance = totals.Balance + statement.Balance.ToDecimal(),
                Deposited = totals.Deposited + statement.Deposited.ToDecimal(),
                Reserved = totals.Reserved + statement.Reserved.ToDecimal(),
                TransfersIn = totals.TransfersIn + statement.TransfersIn,
                TransfersOut = totals.TransfersOut + statement.TransfersOut,
            };
        }

        return totals;
    }
}
