using Qi.Actors.Testing;

namespace Transfers.Tests;

/// <summary>The same scenario, searched for races.</summary>
internal sealed class TransferTests
{
    // snippet: search
    [Test]
    public void Transfers_UnderAThousandSeeds_NeitherMakeNorLoseMoney()
    {
        var slowAccounts = new FaultPlan { DelayRate = 0.02, MaxDelay = TimeSpan.FromSeconds(3) };

        var report = Simulation.Search(
            Seeds.First(1000),
            sim => Scenario.RunAsync(sim.System, sim.Random, Transfer.RunAsync),
            new SimulationOptions { Faults = slowAccounts });

        report.ThrowIfFailed();
    }
    // end snippet

    // snippet: regression
    [Test]
    public void HastyTransfers_WithSeed6AndASlowAccount_LoseMoney()
    {
        var slowAccount = FaultPlan.Of(Fault.Delay("/user/account-2", 3, TimeSpan.FromSeconds(2)));

        var failed = Assert.Throws<SimulationFailedException>(() => Simulation.Run(
            6,
            sim => Scenario.RunAsync(sim.System, sim.Random, Transfer.RunHastilyAsync),
            new SimulationOptions { Faults = slowAccount }));

        Assert.That(failed!.InnerException, Is.TypeOf<MoneyException>());
    }
    // end snippet
}
