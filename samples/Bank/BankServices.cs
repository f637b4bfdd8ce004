using Bank.Accounts;
using Bank.Tellers;
using Qi.Actors;

namespace Bank;

/// <summary>What both the server and the load run on.</summary>
internal static class BankServices
{
    /// <summary>Adds the bank's actors to the host, with this many tellers.</summary>
    public static IServiceCollection AddBank(this IServiceCollection services, int tellers)
    {
        services.AddSingleton(provider => new TellerDesk(provider.GetRequiredService<ActorSystem>(), tellers));
        return services.AddQiActors(qi =>
        {
            qi.AddActor<AccountBook>(AccountBook.Name);
            for (int number = 0; number < tellers; number++)
                qi.AddActor<Teller>(TellerDesk.NameOf(number));
            qi.AddActor<Auditor>(Auditor.Name);
        });
    }
}
