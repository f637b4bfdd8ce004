using System.Diagnostics;

using Bank.Accounts;
using Bank.Domain;
using Bank.Tellers;
using Microsoft.Extensions.Options;
using Qi.Actors;

namespace Bank.Load;

/// <summary>Makes transfers as fast as it can, through the same actors that the server uses, and checks the books afterwards.</summary>
internal static class LoadRun
{
    private static readonly Money s_openingDeposit = new(1_000_00);

    /// <summary>Returns the exit code.</summary>
    public static async Task<int> RunAsync(int transfers, int accountCount, int clientCount)
    {
        clientCount = Math.Min(clientCount, transfers);
        using var host = Build(clientCount);
        try
        {
            await host.StartAsync();
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }

        var system = host.Services.GetRequiredService<ActorSystem>();
        var desk = host.Services.GetRequiredService<TellerDesk>();
        var accounts = await OpenAccountsAsync(system, accountCount);
        Console.WriteLine(
            $"{transfers:N0} transfers between {accountCount:N0} accounts, by {clientCount:N0} clients with a teller each, on {system.Statistics.WorkerThreads} threads");

        var progress = system.Spawn(() => new Progress(), "progress");
        var clock = Stopwatch.StartNew();
        var run = RunClientsAsync(system, desk, accounts, progress, transfers);
        await ProgressDisplay.ShowUntilAsync(run, progress, transfers);
        var report = await run;
        clock.Stop();

        var totals = await system.Get<GetTotals>(Auditor.Name).AskAsync<BankTotals>(reply => new GetTotals(reply), TimeSpan.FromMinutes(1));
        bool isSound = LoadReport.Print(transfers, clock.Elapsed, report, totals);
        await host.StopAsync();
        return isSound ? 0 : 1;
    }

    private static IHost Build(int clients)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft", LogLevel.Critical);
        builder.Services.AddBank(tellers: clients);
        return builder.Build();
    }

    private static async Task<ActorRef<AccountMessage>[]> OpenAccountsAsync(ActorSystem system, int count)
    {
        var book = system.Get<AccountBookMessage>(AccountBook.Name);
        for (int opened = 0; opened < count; opened++)
            await book.AskAsync<long>(reply => new OpenAccount(s_openingDeposit, reply));
        return await book.AskAsync<ActorRef<AccountMessage>[]>(reply => new GetAccounts(reply));
    }

    private static async Task<ClientReport> RunClientsAsync(
        ActorSystem system,
        TellerDesk desk,
        ActorRef<AccountMessage>[] accounts,
        ActorRef<ProgressMessage> progress,
        int transfers)
    {
        var clients = new List<JoinHandle<ClientReport>>();
        int left = transfers;
        for (int number = 0; number < desk.All.Count; number++)
        {
            int share = left / (desk.All.Count - number);
            left -= share;
            var client = new Client(number, desk.All[number], accounts, progress);
            clients.Add(system.Spawn(() => client.RunAsync(share)));
        }

        var sum = new ClientReport(0, 0, 0, 0, 0);
        foreach (var client in clients)
            sum += await client;
        return sum;
    }
}
