// A transfer in three steps, each of which an account does at most once, however often it is told:
//
//   1. the payer reserves the amount          refused, no answer: release it; the transfer is refused
//   2. the payee is credited                  refused: release it; the transfer is refused
//                                             no answer: ask again, and at last leave it in doubt, with the amount reserved
//   3. both settle: the reservation is spent, the payee forgets the transfer
//
// So at any moment the money of a transfer is either the payer's to keep or the payee's to spend, never both and never neither:
// what the payee has, the payer cannot spend. The order of messages from one sender matters in one place: a release that
// follows a reservation is handled after it.

using Bank.Accounts;
using Qi.Actors;

namespace Bank.Tellers;

/// <summary>Makes transfers, one at a time: while one is under way, the next waits in the mailbox.</summary>
internal sealed class Teller : AsyncActor<TellerMessage>
{
    private const int CreditAttempts = 3;

    private readonly TransferMemory _memory = new(capacity: 256);

    protected override async ValueTask ReceiveAsync(TellerMessage message)
    {
        switch (message)
        {
            case Transfer transfer:
                transfer.ReplyTo.Tell(await TransferOnceAsync(transfer.Order));
                break;
            case Pause pause:
                pause.IsPaused.Tell(true);
                await pause.Until;
                break;
        }
    }

    private async ValueTask<TransferResult> TransferOnceAsync(TransferOrder order)
    {
        bool isKnown = _memory.TryFind(order, out var known);
        if (isKnown && known.Outcome != TransferOutcome.InDoubt)
            return known;
        var result = await TransferAsync(order, isInDoubt: isKnown);
        _memory.Set(order, result);
        return result;
    }

    private static async ValueTask<TransferResult> TransferAsync(TransferOrder order, bool isInDoubt)
    {
        if (!isInDoubt && await ReserveAsync(order) is { Outcome: not TransferOutcome.Applied } refused)
            return refused;
        var result = await CreditAsync(order, isInDoubt);
        if (result.Outcome == TransferOutcome.Applied)
        {
            var settle = new Settle(order.Id);
            order.From.Tell(settle);
            order.To.Tell(settle);
        }
        else if (result.Outcome != TransferOutcome.InDoubt)
        {
            order.From.Tell(new Release(order.Id));
        }

        return result;
    }

    private static async ValueTask<TransferResult> ReserveAsync(TransferOrder order)
    {
        try
        {
            return ToResult(await order.From.AskAsync<AccountReply>(reply => new Reserve(order.Id, order.Amount, reply)));
        }
        catch (AskRefusedException)
        {
            return new TransferResult(TransferOutcome.AccountUnavailable);
        }
        catch (AskTimeoutException)
        {
            order.From.Tell(new Release(order.Id));
            return new TransferResult(TransferOutcome.AccountUnavailable);
        }
    }

    private static async ValueTask<TransferResult> CreditAsync(TransferOrder order, bool isInDoubt)
    {
        for (int attempt = 1; attempt <= CreditAttempts; attempt++)
        {
            try
            {
                return ToResult(await order.To.AskAsync<AccountReply>(reply => new Credit(order.Id, order.Amount, reply)));
            }
            catch (AskRefusedException) when (!isInDoubt && attempt == 1)
            {
                return new TransferResult(TransferOutcome.AccountUnavailable);
            }
            catch (Exception e) when (e is AskTimeoutException or AskRefusedException)
            {
                // Nobody knows whether the earlier attempt was heard. Asking again is safe: it is done once.
            }
        }

        return new TransferResult(TransferOutcome.InDoubt);
    }

    private static TransferResult ToResult(AccountReply reply) => reply.Answer switch
    {
        AccountAnswer.Done => new TransferResult(TransferOutcome.Applied),
        AccountAnswer.InsufficientFunds => new TransferResult(TransferOutcome.InsufficientFunds, reply.Available),
        _ => new TransferResult(TransferOutcome.AboveLimit),
    };
}
