namespace Qi.Actors.Testing.Tests.Simulations;

/// <summary>What a simulation says when it cannot go on, and what it makes of bad options.</summary>
[Category("Simulation")]
internal sealed class ObstacleTests
{
    [Test]
    public void Run_SystemThatNeverRests_EndsAtTheTurnLimit()
    {
        var failure = Obstacle(
            async sim =>
            {
                var busy = sim.System.Spawn(() => new Restless(), "restless");
                busy.Tell(1);
                await busy.Completion;
            },
            new SimulationOptions { TurnLimit = 1000 });

        Assert.That(failure.Obstacle, Is.EqualTo(SimulationObstacle.TurnLimit));
        Assert.That(failure.Message, Does.Contain("1,000 turns").And.Contain("/user/restless"));
    }

    [Test]
    public void Run_BodyThatWaitsTooLong_EndsAtTheTimeLimit()
    {
        var failure = Obstacle(sim => sim.DelayAsync(TimeSpan.FromHours(2)), new SimulationOptions { TimeLimit = TimeSpan.FromHours(1) });

        Assert.That(failure.Obstacle, Is.EqualTo(SimulationObstacle.TimeLimit));
    }

    [Test]
    public void Run_TurnThatNeverEnds_IsLeftBehind()
    {
        using var end = new ManualResetEventSlim();
        var failure = Obstacle(
            async sim =>
            {
                var spinning = sim.System.Spawn<int>(_ => SpinWait.SpinUntil(() => end.IsSet), "spinning");
                spinning.Tell(1);
                await spinning.Completion;
            },
            new SimulationOptions { StuckTurnLimit = TimeSpan.FromMilliseconds(200) });
        end.Set();

        Assert.That(failure.Obstacle, Is.EqualTo(SimulationObstacle.BlockedTurn));
        Assert.That(failure.Message, Does.Contain("/user/spinning"));
    }

    [Test]
    public void Run_MessageFromAThread_IsRefusedAndNamesTheThread()
    {
        using var told = new ManualResetEventSlim();
        var failure = Obstacle(
            async sim =>
            {
                var actor = sim.System.Spawn<int>(_ => { }, "target");
                var thread = new Thread(() =>
                {
                    actor.Tell(1);
                    told.Set();
                })
                {
                    Name = "intruder",
                };
                thread.Start();
                SpinWait.SpinUntil(() => told.IsSet);
                await sim.DelayAsync(TimeSpan.FromSeconds(1));
            });

        Assert.That(failure.Obstacle, Is.EqualTo(SimulationObstacle.Outside));
        Assert.That(failure.Message, Does.Contain("intruder").And.Contain("/user/target"));
    }

    [Test]
    public void Options_OutOfRange_AreNamed()
    {
        Assert.That(() => new SimulationOptions { TurnLimit = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("TurnLimit"));
        Assert.That(() => new SimulationOptions { Faults = null! }, Throws.ArgumentNullException.With.Message.Contains("FaultPlan.None").And.Message.Contains("Faults"));
        Assert.That(() => new FaultPlan { Script = null! }, Throws.ArgumentNullException.With.Message.Contains("Script"));
        Assert.That(() => new TestSystemOptions { Simulation = null! }, Throws.ArgumentNullException.With.Message.Contains("DefaultSimulation"));
        Assert.That(() => new SimulationOptions { TurnCost = TimeSpan.FromSeconds(-1) }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("TurnCost"));
        Assert.That(
            () => Simulation.Run(1, _ => Task.CompletedTask, new SimulationOptions { System = new QiActorsOptions { QueueCapacity = 1 } }),
            Throws.ArgumentException.With.Message.Contains("QueueCapacity"));
        Assert.That(() => Seeds.First(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Run_BodyWithoutATask_SaysWhatToReturn()
    {
        Task? none = null;
        Task<int>? noNumber = null;
        Assert.That(Simulation.TryRun(1, _ => none!).Failure, Is.TypeOf<InvalidOperationException>().With.Message.Contains("Make it an async method"));
        using var test = new TestSystem();
        Assert.That(() => test.Run(() => none!), Throws.InvalidOperationException.With.Message.Contains("Make it an async method"));
        Assert.That(() => test.Run(() => noNumber!), Throws.InvalidOperationException.With.Message.Contains("Make it an async method"));
    }

    [Test]
    public void Report_AsText_IsOneLine()
    {
        var missing = Fault.Throw("/user/nobody", 1);
        var report = Simulation.TryRun(3, _ => throw new FormatException("two\nlines"), new SimulationOptions { Faults = FaultPlan.Of(missing) });

        Assert.That(
            report.ToString(),
            Does.StartWith("seed 3, ").And.Contain("0 faults, 1 of the script missed").And.EndWith("failed with a FormatException: two lines").And.Not.Contain('\n'.ToString()));
        Assert.That(Simulation.Run(3, _ => Task.CompletedTask).ToString(), Does.EndWith(": succeeded"));
        Assert.That(new SearchReport(1, 1, 5, TimeSpan.Zero, report).ToString(), Does.StartWith("1 seeds, 1 orders, 5 turns").And.Contain("s: seed 3, "));
    }

    [Test]
    public void Run_InsideARun_IsRefused()
    {
        var failure = Simulation.TryRun(1, sim =>
        {
            Simulation.Run(2, _ => Task.CompletedTask);
            return Task.CompletedTask;
        }).Failure;

        Assert.That(failure, Is.TypeOf<InvalidOperationException>().With.Message.Contains("inside another one"));
    }

    private static SimulationObstacleException Obstacle(Func<SimulationContext, Task> body, SimulationOptions? options = null)
    {
        var failure = Simulation.TryRun(1, body, options).Failure;
        Assert.That(failure, Is.TypeOf<SimulationObstacleException>());
        return (SimulationObstacleException)failure!;
    }

    private sealed class Restless : Actor<int>
    {
        protected override void Receive(int message) => Self.Tell(message);
    }
}
