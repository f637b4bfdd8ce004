using Bank.Http;

namespace Bank;

/// <summary>What the program says about itself.</summary>
internal static class Usage
{
    public const string Endpoints = """
        POST /accounts                {"initialDeposit": 100.00}             opens an account; the deposit is optional
        GET  /accounts/{id}                                                  its balance
        POST /accounts/{id}/deposit   {"amount": 12.34}
        POST /transfers               {"from": 1, "to": 2, "amount": 12.34}  with an "id" (a UUID), it is made once
        GET  /totals                                                         the sum of all accounts

        """;

    public static readonly string Help = $"""
        A bank of actors: one for each account, one for each teller.

        Bank [--urls URL]                                 serves HTTP, on {BankServer.DefaultUrl} unless told otherwise
        Bank --transfers N [--accounts N] [--clients N]   makes N transfers as fast as it can, and checks the books

          --urls URL       where to listen; port 0 takes a free one
          --transfers N    1 to {BankOptions.MostTransfers:N0}
          --accounts N     accounts to transfer between: 2 to {BankOptions.MostAccounts:N0}, {BankOptions.DefaultAccounts:N0} by default
          --clients N      clients, each with a teller and one transfer in flight: 1 to {BankOptions.MostClients:N0}, {BankOptions.DefaultClients:N0} by default
          --help           this

        Exit code: 0 if all went well, 1 if it did not, 2 if the arguments are wrong.

        {Endpoints}
        """;

    /// <summary>Lines to try, in this order, on a bank that has just started.</summary>
    public static string CurlLines(string url) => $$"""
          curl {{url}}/accounts --json '{"initialDeposit": 100.00}'
          curl {{url}}/accounts --json '{}'
          curl {{url}}/transfers --json '{"from": 1, "to": 2, "amount": 12.34}'
          curl {{url}}/accounts/1/deposit --json '{"amount": 5.00}'
          curl {{url}}/accounts/2
          curl {{url}}/totals

        """;
}
