using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Workloads.Savina;

/// <summary>Banking with accounts that await the payee's reply in their handlers, as each side's users write it.</summary>
internal static class AwaitingBanking
{
    // A payee may itself wait for another, which waits for another.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    public static long Actors(ActorSystem system, int size)
    {
        var round = new Round<QiCarrier>(system);
        var refs = new ActorRef<Order>[Transfers.Accounts];
        var teller = round.Add(new Teller<QiCarrier>(round, size, transfer =>
            refs[transfer.From].Tell(new Order(transfer.Amount, refs[transfer.To], default))));
        var accounts = Enumerable.Range(0, refs.Length).Select(_ => new Account(teller)).ToArray();
        for (int i = 0; i < refs.Length; i++)
        {
            var account = accounts[i];
            round.Add(refs[i] = system.Spawn(() => account));
        }

        teller.Tell(TellerWord.Begin);
        round.End();
        return Transfers.Digest(accounts.Select(static account => account.Balance));
    }

    public static long Blocks(ActorSystem system, int size)
    {
        var round = new Round<BlockCarrier>(system);
        var blocks = new ActionBlock<StockOrder>[Transfers.Accounts];
        var teller = round.Add(new Teller<BlockCarrier>(round, size, transfer =>
            blocks[transfer.From].Post(new StockOrder(transfer.Amount, blocks[transfer.To], null))));
        var accounts = Enumerable.Range(0, blocks.Length).Select(_ => new StockAccount(teller)).ToArray();
        for (int i = 0; i < blocks.Length; i++)
            round.Add(blocks[i] = new ActionBlock<StockOrder>(accounts[i].ReceiveAsync));
        teller.Tell(TellerWord.Begin);
        round.End();
        return Transfers.Digest(accounts.Select(static account => account.Balance));
    }

    /// <summary>Pays the payee; without one it is money that comes in, and somebody waits for the reply.</summary>
    private readonly record struct Order(long Amount, ActorRef<Order>? Payee, ReplyTo<bool> ReplyTo);

    private readonly record struct StockOrder(long Amount, ActionBlock<StockOrder>? Payee, TaskCompletionSource<bool>? Reply);

    private sealed class Account(Party<QiCarrier, TellerWord> teller) : AsyncActor<Order>
    {
        public long Balance { get; private set; } = Transfers.InitialBalance;

        protected override async ValueTask ReceiveAsync(Order message)
        {
            if (message.Payee is not { } payee)
            {
                Balance += message.Amount;
                message.ReplyTo.Tell(true);
                return;
            }

            Balance -= message.Amount;
            await payee.AskAsync<bool>(reply => new Order(message.Amount, null, reply), s_patience);
            teller.Tell(TellerWord.Done);
        }
    }

    private sealed class StockAccount(Party<BlockCarrier, TellerWord> teller)
    {
        public long Balance { get; private set; } = Transfers.InitialBalance;

        public async Task ReceiveAsync(StockOrder message)
        {
            if (message.Payee is not { } payee)
            {
                Balance += message.Amount;
                message.Reply!.SetResult(true);
                return;
            }

            Balance -= message.Amount;
            var reply = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            payee.Post(new StockOrder(message.Amount, null, reply));
            await reply.Task.ConfigureAwait(false);
            teller.Tell(TellerWord.Done);
        }
    }
}
