// A teller orders 50,000 transfers between 1,000 accounts. An account that pays tells the payee, and does nothing else until
// the payee has replied. There are two ways to wait: to keep what comes in between in a queue of one's own, which is one
// role for both sides, here; and to await the reply in the handler, in AwaitingBanking.

namespace Qi.Actors.Workloads.Savina;

/// <summary>Transfers between accounts, each of which waits for the payee's reply before its next message.</summary>
public static class Banking
{
    public static Workload Workload { get; } = new(
        "savina-banking",
        "transfer",
        50_000,
        Memo.Of(Transfers.DigestAfter),
        new("Qi", AwaitingBanking.Actors),
        new("Qi stash", Run<QiCarrier>),
        new("ActionBlock", Run<BlockCarrier>),
        new("ActionBlock await", AwaitingBanking.Blocks));

    private enum Word
    {
        Pay,
        Receive,
        Received,
    }

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        var accounts = new Account<TCarrier>[Transfers.Accounts];
        var teller = round.Add(new Teller<TCarrier>(round, size, transfer =>
            accounts[transfer.From].Self.Tell(new Message<TCarrier>(Word.Pay, transfer.Amount, accounts[transfer.To].Self))));
        for (int i = 0; i < accounts.Length; i++)
            round.Add(accounts[i] = new Account<TCarrier>(teller));
        teller.Tell(TellerWord.Begin);
        round.End();
        return Transfers.Digest(accounts.Select(static account => account.Balance));
    }

    /// <summary>The other is the payee of a payment, and the payer of what is received.</summary>
    private readonly record struct Message<TCarrier>(Word Word, long Amount, Party<TCarrier, Message<TCarrier>> Other)
        where TCarrier : struct, ICarrier;

    private sealed class Account<TCarrier>(Party<TCarrier, TellerWord> teller) : Role<TCarrier, Message<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        private readonly Queue<Message<TCarrier>> _stash = new();
        private bool _awaits;

        public long Balance { get; private set; } = Transfers.InitialBalance;

        public override void Receive(Message<TCarrier> message)
        {
            if (message.Word == Word.Received)
            {
                _awaits = false;
                teller.Tell(TellerWord.Done);
            }
            else if (_awaits)
            {
                _stash.Enqueue(message);
            }
            else
            {
                Handle(message);
            }

            while (!_awaits && _stash.TryDequeue(out var waiting))
                Handle(waiting);
        }

        private void Handle(Message<TCarrier> message)
        {
            if (message.Word == Word.Receive)
            {
                Balance += message.Amount;
                message.Other.Tell(new Message<TCarrier>(Word.Received, 0, default));
                return;
            }

            Balance -= message.Amount;
            _awaits = true;
            message.Other.Tell(new Message<TCarrier>(Word.Receive, message.Amount, Self));
        }
    }
}

/// <summary>What a teller is told.</summary>
internal enum TellerWord
{
    Begin,
    Done,
}

/// <summary>Orders all transfers at once, and ends the round when all are done.</summary>
internal sealed class Teller<TCarrier>(Round<TCarrier> round, int transfers, Action<Transfer> order) : Role<TCarrier, TellerWord>
    where TCarrier : struct, ICarrier
{
    private int _done;

    public override void Receive(TellerWord message)
    {
        if (message == TellerWord.Begin)
        {
            foreach (var transfer in Transfers.Make(transfers))
                order(transfer);
        }
        else if (++_done == transfers)
        {
            round.Finish(_done);
        }
    }
}
