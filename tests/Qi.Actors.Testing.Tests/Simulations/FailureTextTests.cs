namespace Qi.Actors.Testing.Tests.Simulations;

/// <summary>What a failure tells of the actors that failed before.</summary>
[Category("Simulation")]
internal sealed class FailureTextTests
{
    [Test]
    public void Ask_OfAnActorWhoseHandlerThrew_TimesOutWithThatFailure()
    {
        var failed = Assert.Throws<SimulationFailedException>(() => Simulation.Run(1, async sim =>
        {
            var disk = sim.System.Spawn<ReplyTo<int>>(_ => throw new FormatException("The disk is full."), "disk");
            await disk.AskAsync<int>(reply => reply);
        }));

        Assert.That(failed!.InnerException, Is.TypeOf<AskTimeoutException>().With.InnerException.TypeOf<FormatException>());
        Assert.That(failed.Message, Does.Contain("It has failed meanwhile, with a FormatException: The disk is full."));
    }

    [Test]
    public void Ask_InATestSystem_TimesOutWithTheFailureToo()
    {
        using var test = new TestSystem();
        var disk = test.System.Spawn<ReplyTo<int>>(_ => throw new FormatException("The disk is full."), "disk");

        Assert.That(
            () => test.Ask<ReplyTo<int>, int>(disk, reply => reply),
            Throws.TypeOf<AskTimeoutException>().With.Message.Contains("FormatException: The disk is full."));
    }

    [Test]
    public void Failure_AfterOtherActorsFailed_ListsWhatWasLogged()
    {
        var failed = Assert.Throws<SimulationFailedException>(() => Simulation.Run(1, async sim =>
        {
            for (int i = 1; i <= 5; i++)
            {
                sim.System.Spawn<int>(number => throw new FormatException($"planted {number}"), $"actor-{i}").Tell(i);
                await sim.UntilIdleAsync();
            }

            SimulationContext.Check(condition: false, "The sum is wrong.");
        }));

        Assert.That(failed!.Message, Does.Contain("The sum is wrong.").And.Contain("/user/actor-1 failed on a Int32 and stops. (FormatException: planted 1)"));
        Assert.That(failed.Message, Does.Contain("planted 3").And.Not.Contain("planted 4").And.Contain("and 2 more"));
    }

    [Test]
    public void Failure_ThatWasLoggedItself_IsNotSaidTwice()
    {
        var failed = Assert.Throws<SimulationFailedException>(() => Simulation.Run(1, async sim =>
        {
            var actor = sim.System.Spawn<int>(_ => throw new FormatException("planted"));
            actor.Tell(1);
            await actor.Completion;
        }));

        Assert.That(failed!.Message, Does.Contain("planted").And.Not.Contain("Errors that were logged"));
    }
}
