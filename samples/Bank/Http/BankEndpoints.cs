using System.Globalization;

using Bank.Accounts;
using Bank.Domain;
using Bank.Tellers;
using Qi.Actors;

namespace Bank.Http;

internal sealed record AccountBody(long Id, decimal Balance, decimal Available);

internal sealed record TransferBody(Guid Id, long From, long To, decimal Amount, string Status);

internal sealed record TotalsBody(int Accounts, decimal Balance, decimal Deposited, decimal Reserved, long Transfers, bool IsConserved);

/// <summary>The bank over HTTP.</summary>
internal static class BankEndpoints
{
    // A transfer may wait for three answers of five seconds each before its teller gives up; wait for that.
    private static readonly TimeSpan s_transferTimeout = TimeSpan.FromSeconds(30);

    public static void MapBank(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("").AddEndpointFilter(Problems.TranslateAsync);
        api.MapGet("/", () => Usage.Endpoints);
        api.MapPost("/accounts", OpenAsync);
        api.MapGet("/accounts/{id}", ShowAsync);
        api.MapPost("/accounts/{id}/deposit", DepositAsync);
        api.MapPost("/transfers", TransferAsync);
        api.MapGet("/totals", TotalsAsync);
    }

    private static async Task<IResult> OpenAsync(HttpRequest request, ActorSystem system)
    {
        var body = await RequestBody.ReadAsync(request, "initialDeposit");
        var deposit = body.Has("initialDeposit") ? body.AmountOrZero("initialDeposit") : Money.Zero;
        long id = await system.Get<AccountBookMessage>(AccountBook.Name).AskAsync<long>(reply => new OpenAccount(deposit, reply));
        return TypedResults.Created($"/accounts/{id}", new AccountBody(id, deposit.ToDecimal(), deposit.ToDecimal()));
    }

    private static async Task<IResult> ShowAsync(string id, ActorSystem system)
    {
        var (number, account) = Find(system, id);
        var statement = await account.AskAsync<Statement>(reply => new GetStatement(reply));
        return TypedResults.Ok(ToBody(number, statement));
    }

    private static async Task<IResult> DepositAsync(string id, HttpRequest request, ActorSystem system)
    {
        var (number, account) = Find(system, id);
        var amount = (await RequestBody.ReadAsync(request, "amount")).Amount("amount");
        var done = await account.AskAsync<AccountReply>(reply => new Deposit(amount, reply));
        if (done.Answer == AccountAnswer.AboveLimit)
            throw Conflict("The account is full", $"{amount} would bring account {number} above {Money.Most}. Deposit less.");
        var statement = await account.AskAsync<Statement>(reply => new GetStatement(reply));
        return TypedResults.Ok(ToBody(number, statement));
    }

    private static async Task<IResult> TransferAsync(HttpRequest request, ActorSystem system, TellerDesk desk)
    {
        var body = await RequestBody.ReadAsync(request, "id", "from", "to", "amount");
        var transfer = new TransferBody(body.IdOrNew("id"), body.Account("from"), body.Account("to"), body.Amount("amount").ToDecimal(), "applied");
        if (transfer.From == transfer.To)
            throw ApiException.BadRequest($"'from' and 'to' are both {transfer.From}; give two different accounts.");
        var order = new TransferOrder(transfer.Id, Find(system, transfer.From), Find(system, transfer.To), body.Amount("amount"));
        var result = await desk.For(order.Id).AskAsync<TransferResult>(reply => new Transfer(order, reply), s_transferTimeout);
        return result.Outcome == TransferOutcome.Applied ? TypedResults.Ok(transfer) : throw Refusal(transfer, result);
    }

    private static async Task<IResult> TotalsAsync(ActorSystem system)
    {
        var totals = await system.Get<GetTotals>(Auditor.Name).AskAsync<BankTotals>(reply => new GetTotals(reply), s_transferTimeout);
        bool isConserved = totals.Balance == totals.Deposited && totals.TransfersIn == totals.TransfersOut;
        return TypedResults.Ok(
            new TotalsBody(totals.Accounts, totals.Balance, totals.Deposited, totals.Reserved, totals.TransfersOut, isConserved));
    }

    private static (long Number, ActorRef<AccountMessage> Account) Find(ActorSystem system, string id)
        => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? (number, Find(system, number))
            : throw ApiException.UnknownAccount($"'{id}'");

    private static ActorRef<AccountMessage> Find(ActorSystem system, long number)
        => system.TryGet<AccountMessage>(AccountBook.NameOf(number), out var account)
            ? account
            : throw ApiException.UnknownAccount($"{number}");

    private static AccountBody ToBody(long number, Statement statement)
        => new(number, statement.Balance.ToDecimal(), (statement.Balance - statement.Reserved).ToDecimal());

    private static ApiException Refusal(TransferBody transfer, TransferResult result) => result.Outcome switch
    {
        TransferOutcome.InsufficientFunds => Conflict(
            "Insufficient funds",
            $"Account {transfer.From} has {result.Available} to spend, and transfer {transfer.Id} takes {transfer.Amount:0.00}. "
            + "Deposit first, or transfer less; use a new id."),
        TransferOutcome.AboveLimit => Conflict(
            "The account is full",
            $"{transfer.Amount:0.00} would bring account {transfer.To} above {Money.Most}. Transfer less; use a new id."),
        TransferOutcome.IdTaken => Conflict(
            "The id is taken",
            $"Another transfer has the id {transfer.Id}. Use a new id, or none, and the bank gives one."),
        TransferOutcome.AccountUnavailable => new ApiException(
            StatusCodes.Status503ServiceUnavailable,
            "An account is unavailable",
            $"Account {transfer.From} or {transfer.To} does not answer; nothing was transferred. Try again later with a new id."),
        _ => new ApiException(
            StatusCodes.Status503ServiceUnavailable,
            "The transfer is in doubt",
            $"Account {transfer.To} has not answered yet. Send the transfer again with the id {transfer.Id}: it is not made twice."),
    };

    private static ApiException Conflict(string title, string detail) => new(StatusCodes.Status409Conflict, title, detail);
}
