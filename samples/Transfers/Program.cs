// A race that ordinary tests miss, found by a search through seeds, repeated by its seed, and mended. docs/testing.md tells the story.

using Qi.Actors;
using Qi.Actors.Testing;

using Transfers;

const int OrdinaryRuns = 200;
const int SeedCount = 1000;
const int Repeats = 10;

Console.WriteLine($"1  {OrdinaryRuns} ordinary runs of the hasty transfer, on threads: {await CountOrdinaryFailuresAsync()} failed.");

// snippet: find
// What may go wrong in a machine: now and then an account is slow.
var options = new SimulationOptions { Faults = new FaultPlan { DelayRate = 0.02, MaxDelay = TimeSpan.FromSeconds(3) } };

var found = Simulation.Search(Seeds.First(SeedCount), sim => Scenario.RunAsync(sim.System, sim.Random, Transfer.RunHastilyAsync), options);
// end snippet
if (found.Failure is not { } failure)
{
    Console.WriteLine($"2  {found.SeedsDone} simulated runs: none failed. That should not be.");
    return 1;
}

Console.WriteLine($"2  Simulated runs: seed {failure.Seed} failed, the {found.SeedsDone}. that was tried: {failure.Failure!.Message}");
Console.WriteLine($"   What it takes, of all that was slow in that run: {string.Join(", ", failure.Faults)}");

int repeated = 0;
for (int i = 0; i < Repeats; i++)
{
    var again = Simulation.TryRun(failure.Seed, sim => Scenario.RunAsync(sim.System, sim.Random, Transfer.RunHastilyAsync), options with { Faults = FaultPlan.Of(failure.Faults) });
    repeated += again.Signature == failure.Signature && again.Failure is MoneyException ? 1 : 0;
}

Console.WriteLine($"3  The same seed again: {repeated} of {Repeats} runs failed in the same way, in the same order (signature {failure.Signature:x16}).");

var mended = Simulation.Search(Seeds.First(SeedCount), sim => Scenario.RunAsync(sim.System, sim.Random, Transfer.RunAsync), options);
Console.WriteLine($"4  The mended transfer: {(mended.Failure is null ? "no" : "a")} failure in {mended.SeedsDone} seeds, {mended.Orders} different orders, in {mended.Elapsed.TotalSeconds:0.0} s.");
return repeated == Repeats && mended.Failure is null ? 0 : 1;

async Task<int> CountOrdinaryFailuresAsync()
{
    int failures = 0;
    for (int run = 0; run < OrdinaryRuns; run++)
    {
        await using var system = new ActorSystem();
        try
        {
            await Scenario.RunAsync(system, new Random(run), Transfer.RunHastilyAsync);
        }
        catch (MoneyException)
        {
            failures++;
        }
    }

    return failures;
}
