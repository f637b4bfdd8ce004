namespace Qi.Actors.Testing.Tests.Simulations;

/// <summary>Faults by script, by chance and by hand, and the shrinking of what has struck.</summary>
[Category("Simulation")]
internal sealed class FaultTests
{
    [Test]
    public void Throw_ByScript_StrikesThatMessageOfThatActor()
        => Simulation.Run(
            1,
            async sim =>
            {
                var seen = new List<int>();
                var actor = sim.System.Spawn<int>(seen.Add, "victim");
                for (int i = 1; i <= 5; i++)
                    actor.Tell(i);
                await Assert.ThatAsync(() => actor.Completion, Throws.TypeOf<SimulatedFaultException>());
                await sim.UntilIdleAsync();
                Assert.That(seen, Is.EqualTo(new[] { 1, 2 }));
            },
            new SimulationOptions { Faults = FaultPlan.Of(Fault.Throw("/user/victim", 3)) });
}
