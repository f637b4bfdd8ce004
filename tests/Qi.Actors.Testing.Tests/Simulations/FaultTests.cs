namespace Qi.Actors.Testing.Tests.Simulations;

/// <summary>Faults by script, by chance and by hand, and the leaving out of those that a failure does not need.</summary>
[Category("Simulation")]
internal sealed class FaultTests
{
    [Test]
    public void Throw_ByScript_StrikesThatMessageOfThatActor()
    {
        var seen = new List<int>();

        var report = RunWith(FaultPlan.Of(Fault.Throw("/user/victim", 3)), sim => TellFiveAsync(sim, seen));

        Assert.That(report.Failure, Is.TypeOf<SimulatedFaultException>().And.Message.Contains("/user/victim throw at its message 3, a Int32"));
        Assert.That(seen, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(report.Faults, Is.EqualTo(new[] { Fault.Throw("/user/victim", 3) }));
    }

    [Test]
    public void Kill_ByScript_StopsTheActorBeforeThatTurn()
    {
        var seen = new List<int>();

        var report = RunWith(FaultPlan.Of(Fault.Kill("/user/victim", 2)), sim => TellFiveAsync(sim, seen));

        Assert.That(report.Failure, Is.TypeOf<SimulatedFaultException>().And.Message.Contains("killed /user/victim before its turn 2"));
        Assert.That(seen, Has.Count.LessThan(5));
    }

    [Test]
    public void Delay_ByScript_KeepsTheMessagesInOrderAndLetsTimePass()
    {
        var seen = new List<int>();
        var time = TimeSpan.Zero;

        var report = RunWith(FaultPlan.Of(Fault.Delay("/user/victim", 2, TimeSpan.FromSeconds(7))), async sim =>
        {
            await TellFiveAsync(sim, seen);
            time = sim.Now;
        });

        Assert.That(report.Failure, Is.Null);
        Assert.That(seen, Is.EqualTo(new[] { 1, 2, 3, 4, 5 }));
        Assert.That(time, Is.GreaterThan(TimeSpan.FromSeconds(7)).And.LessThan(TimeSpan.FromSeconds(8)));
    }

    [Test]
    public void LateTimer_ByScript_MakesThatWaitLonger()
    {
        var woken = TimeSpan.Zero;

        RunWith(FaultPlan.Of(Fault.LateTimer(1, TimeSpan.FromSeconds(2))), async sim =>
        {
            await sim.DelayAsync(TimeSpan.FromSeconds(1));
            woken = sim.Now;
        });

        Assert.That(woken, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(3)).And.LessThan(TimeSpan.FromSeconds(4)));
    }

    [Test]
    public void ClockJump_ByScript_FiresTimersThoughWorkIsWaiting()
    {
        bool hasTimedOut = false;

        RunWith(FaultPlan.Of(Fault.ClockJump(2, TimeSpan.FromHours(1))), async sim =>
        {
            var answering = sim.System.Spawn<ReplyTo<int>>(reply => reply.Tell(1));
            try
            {
                for (int i = 0; i < 10; i++)
                    await answering.AskAsync<int>(reply => reply, TimeSpan.FromMinutes(1));
            }
            catch (AskTimeoutException)
            {
                hasTimedOut = sim.Now >= TimeSpan.FromHours(1);
            }
        });

        Assert.That(hasTimedOut);
    }

    [Test]
    public void Script_ThatStrikesNothing_IsToldByTheReportAndTheFailure()
    {
        var missed = new[] { Fault.Throw("/user/victm", 1), Fault.Delay("/user/victim", 99, TimeSpan.FromSeconds(1)) };

        var report = RunWith(FaultPlan.Of([.. missed, Fault.Delay("/user/victim", 1, TimeSpan.FromSeconds(1))]), async sim =>
        {
            await TellFiveAsync(sim, []);
            throw new FormatException("planted");
        });

        Assert.That(report.MissedFaults, Is.EqualTo(missed));
        Assert.That(report.Faults, Has.Count.EqualTo(1));
        Assert.That(
            new SearchReport(1, 1, 1, TimeSpan.Zero, report).ThrowIfFailed,
            Throws.TypeOf<SimulationFailedException>().With.Message.Contains($"Of the script, {missed[0]}, {missed[1]} did not strike"));
    }

    [Test]
    public void ByChance_AsAScript_GiveTheSameOrder()
    {
        var plan = new FaultPlan { DelayRate = 0.2, LateTimerRate = 0.2, ClockJumpRate = 0.01, KillRate = 0.01, ThrowRate = 0.01 };
        var chance = Simulation.TryRun(11, BusyAsync, new SimulationOptions { Faults = plan });

        var script = Simulation.TryRun(11, BusyAsync, new SimulationOptions { Faults = FaultPlan.Of(chance.Faults) });

        Assert.That(chance.Faults.Select(fault => fault.Kind).Distinct().Count(), Is.GreaterThanOrEqualTo(4));
        Assert.That(script.Signature, Is.EqualTo(chance.Signature));
        Assert.That(script.Faults, Is.EqualTo(chance.Faults));
    }

    [Test]
    public void Targets_OfAPlan_AreTheOnlyOnesStruck()
    {
        var plan = new FaultPlan { DelayRate = 0.5, Targets = path => path.Name == "busy-1" };

        var report = Simulation.TryRun(1, BusyAsync, new SimulationOptions { Faults = plan });

        Assert.That(report.Faults, Is.Not.Empty);
        Assert.That(report.Faults.Select(fault => fault.Actor), Is.All.EqualTo("/user/busy-1"));
    }

    [Test]
    public void Search_FailureThatNeedsOneFaultOfMany_LeavesThatOne()
    {
        var plan = new FaultPlan { DelayRate = 0.3, MaxDelay = TimeSpan.FromSeconds(10) };

        var found = Simulation.Search(Seeds.First(100), FailIfSlowAsync, new SimulationOptions { Faults = plan });

        Assert.That(found.Failure!.Failure, Is.TypeOf<SimulationCheckException>());
        Assert.That(found.Failure.Faults, Has.Count.EqualTo(1));
        Assert.That(found.Failure.Faults[0].Actor, Is.EqualTo("/user/slow"));
        Assert.That(found.Failure.Faults[0].Amount, Is.LessThan(TimeSpan.FromSeconds(10)).And.GreaterThanOrEqualTo(TimeSpan.FromSeconds(4)));
    }

    [Test]
    public void Search_FailureThatItsSeedDoesNotRepeat_SaysSo()
    {
        int runs = 0;

        var found = Simulation.Search(Seeds.First(10), _ => ++runs == 3 ? throw new FormatException("by chance") : Task.CompletedTask);

        Assert.That(found.FailingSeed, Is.EqualTo(3));
        Assert.That(() => found.ThrowIfFailed(), Throws.TypeOf<SimulationFailedException>().With.Message.Contains("A second run of seed 3 did not fail"));
    }

    [Test]
    public void Kill_ByHand_FailsTheActorsCompletion()
        => Simulation.Run(1, async sim =>
        {
            var actor = sim.System.Spawn<int>(_ => { }, "victim");
            sim.Kill(actor);
            await Assert.ThatAsync(() => actor.Completion, Throws.TypeOf<SimulatedFaultException>().With.Message.Contains("/user/victim"));
        });

    [Test]
    public void ThrowAtNext_ByHand_ThrowsThatException()
        => Simulation.Run(1, async sim =>
        {
            var actor = sim.System.Spawn<int>(_ => { });
            sim.ThrowAtNext(actor, new FormatException("planted"));
            actor.Tell(1);
            await Assert.ThatAsync(() => actor.Completion, Throws.TypeOf<FormatException>());
            Assert.That(sim.Logs.Entries.Single().Exception, Is.TypeOf<FormatException>());
        });

    [Test]
    public void DelayNext_ByHand_PutsTheActorOff()
        => Simulation.Run(1, async sim =>
        {
            var answering = sim.System.Spawn<ReplyTo<int>>(reply => reply.Tell(1));
            sim.DelayNext(answering, TimeSpan.FromSeconds(3));
            await answering.AskAsync<int>(reply => reply);
            Assert.That(sim.Now, Is.GreaterThan(TimeSpan.FromSeconds(3)));
        });

    [Test]
    public void Kill_ActorOfAnotherSystem_IsRefused()
    {
        using var other = new ActorSystem();
        var stranger = other.Spawn<int>(_ => { }, "stranger");

        Simulation.Run(1, sim =>
        {
            Assert.That(() => sim.Kill(stranger), Throws.ArgumentException.With.Message.Contains("/user/stranger lives in another system"));
            return Task.CompletedTask;
        });
    }

    [Test]
    public void Fault_Text_IsTheExpressionThatMakesIt()
    {
        Assert.That(Fault.Delay("/user/a", 2, TimeSpan.FromTicks(15)).ToString(), Is.EqualTo("Fault.Delay(\"/user/a\", 2, TimeSpan.FromTicks(15))"));
        Assert.That(Fault.Throw("/user/a", 1).ToString(), Is.EqualTo("Fault.Throw(\"/user/a\", 1)"));
        Assert.That(Fault.ClockJump(4, TimeSpan.FromTicks(1)).ToString(), Is.EqualTo("Fault.ClockJump(4, TimeSpan.FromTicks(1))"));
    }

    [Test]
    public void Fault_BadArguments_AreNamed()
    {
        Assert.That(() => Fault.Throw("orders", 1), Throws.ArgumentException.With.Message.Contains("/user/orders"));
        Assert.That(() => Fault.Throw("/user/orders", 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Fault.Delay("/user/orders", 1, TimeSpan.Zero), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("would strike without an effect"));
        Assert.That(() => Fault.LateTimer(1, TimeSpan.FromSeconds(-1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("-00:00:01"));
        Assert.That(() => new FaultPlan { KillRate = 1.5 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("KillRate"));
        Assert.That(() => new FaultPlan { MaxDelay = TimeSpan.Zero }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("MaxDelay"));
    }

    private static SimulationReport RunWith(FaultPlan plan, Func<SimulationContext, Task> body)
        => Simulation.TryRun(1, body, new SimulationOptions { Faults = plan });

    private static async Task TellFiveAsync(SimulationContext sim, List<int> seen)
    {
        var actor = sim.System.Spawn<int>(seen.Add, "victim");
        for (int i = 1; i <= 5; i++)
            actor.Tell(i);
        await actor.StopAsync();
        await actor.Completion;
    }

    private static async Task BusyAsync(SimulationContext sim)
    {
        var actors = Enumerable.Range(0, 3).Select(index => sim.System.Spawn<int>(_ => { }, $"busy-{index}")).ToArray();
        for (int i = 0; i < 50; i++)
        {
            actors[i % 3].Tell(i);
            await sim.DelayAsync(TimeSpan.FromMilliseconds(10));
        }
    }

    private static async Task FailIfSlowAsync(SimulationContext sim)
    {
        var slow = sim.System.Spawn<ReplyTo<int>>(reply => reply.Tell(1), "slow");
        var others = Enumerable.Range(0, 5).Select(index => sim.System.Spawn<int>(_ => { }, $"other-{index}")).ToArray();
        for (int i = 0; i < 10; i++)
        {
            foreach (var other in others)
                other.Tell(i);
            var before = sim.Now;
            await slow.AskAsync<int>(reply => reply, TimeSpan.FromMinutes(1));
            SimulationContext.Check(sim.Now - before < TimeSpan.FromSeconds(4), "An answer took four seconds.");
        }
    }
}
