// A bank of actors. Without arguments it serves HTTP; with --transfers it measures itself and checks its books.

using Bank;
using Bank.Http;
using Bank.Load;

BankOptions options;
try
{
    options = BankOptions.Parse(args);
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync($"{e.Message} Bank --help lists the arguments.");
    return 2;
}

if (options.IsHelp)
{
    Console.WriteLine(Usage.Help);
    return 0;
}

return options.Transfers is { } transfers
    ? await LoadRun.RunAsync(transfers, options.Accounts, options.Clients)
    : await BankServer.RunAsync(options.Urls);
