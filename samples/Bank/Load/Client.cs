using System.Buffers.Binary;

using Bank.Accounts;
using Bank.Domain;
using Bank.Tellers;
using Qi.Actors;

namespace Bank.Load;

/// <summary>What became of a client's transfers.</summary>
/// <param name="Applied">Transfers that were made.</param>
/// <param name="Refused">Transfers that were refused, for insufficient funds.</param>
/// <param name="Failed">Transfers that ended in any other way.</param>
/// <param name="Repeated">Transfers that were sent a second time.</param>
/// <param name="Contradicted">Of those, the ones that got another answer than the first time.</param>
internal sealed record ClientReport(long Applied, long Refused, long Failed, long Repeated, long Contradicted)
{
    public static ClientReport operator +(ClientReport left, ClientReport right) => new(
        left.Applied + right.Applied,
        left.Refused + right.Refused,
        left.Failed + right.Failed,
        left.Repeated + right.Repeated,
        left.Contradicted + right.Contradicted);
}

/// <summary>A client: asks its teller for one transfer after the other, between accounts that it picks at random.</summary>
internal sealed class Client(
    int number,
    ActorRef<TellerMessage> teller,
    IReadOnlyList<ActorRef<AccountMessage>> accounts,
    ActorRef<ProgressMessage> progress)
{
    private const int MostCents = 100_00;
    private const int ReportEvery = 256;
    private const int RepeatEvery = 100;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly Random _random = new(number);

    /// <summary>Makes this many transfers. Each client makes the same ones in every run.</summary>
    public async Coroutine<ClientReport> RunAsync(int transfers)
    {
        var report = new ClientReport(0, 0, 0, 0, 0);
        for (int made = 1; made <= transfers; made++)
        {
            var order = NextOrder(made);
            var result = await AskTellerAsync(order);
            report += result.Outcome switch
            {
                TransferOutcome.Applied => new ClientReport(1, 0, 0, 0, 0),
                TransferOutcome.InsufficientFunds => new ClientReport(0, 1, 0, 0, 0),
                _ => new ClientReport(0, 0, 1, 0, 0),
            };
            if (made % RepeatEvery == 0)
                report += new ClientReport(0, 0, 0, 1, await AskTellerAsync(order) == result ? 0 : 1);
            if (made % ReportEvery == 0 || made == transfers)
                progress.Tell(new Made(made % ReportEvery == 0 ? ReportEvery : made % ReportEvery));
        }

        return report;
    }

    private ValueTask<TransferResult> AskTellerAsync(TransferOrder order)
        => teller.AskAsync<TransferResult>(reply => new Transfer(order, reply), s_timeout);

    private TransferOrder NextOrder(int sequence)
    {
        int from = _random.Next(accounts.Count);
        int to = (from + 1 + _random.Next(accounts.Count - 1)) % accounts.Count;
        return new TransferOrder(IdOf(sequence), accounts[from], accounts[to], new Money(_random.Next(1, MostCents + 1)));
    }

    private Guid IdOf(int sequence)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        BinaryPrimitives.WriteInt32BigEndian(bytes[12..], sequence);
        return new Guid(bytes, bigEndian: true);
    }
}
